"""`python -m engine`: the command line."""

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # what is stopped while it loads ends without a traceback

from .cli.main import main

raise SystemExit(main())
