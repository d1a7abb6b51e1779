"""`python -m engine`: the command line."""

from .cli.main import main

raise SystemExit(main())
