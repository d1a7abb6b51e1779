"""Pictures for the README: starts the QGIS desktop on an invisible screen and photographs the dialogs and a result."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from package import NAME, ROOT, install

PICTURES = ROOT / "docs" / "images"
SCREEN = "-screen 0 1500x950x24 -nolisten tcp"
TIMEOUT_S = 300
SETTINGS = f"""
[PythonPlugins]
{NAME}=true
processing=true
[migration]
firstRunVersionFlag=99999
settings=true
[qgis]
showTips=false
checkVersion=false
"""


def main() -> None:
    program = shutil.which("qgis.bin") or shutil.which("qgis")
    if program is None or shutil.which("xvfb-run") is None:
        sys.exit("Install QGIS and xvfb first.")
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        profile = home / "profiles" / "pictures"
        (profile / "QGIS").mkdir(parents=True)
        (profile / "QGIS" / "QGIS3.ini").write_text(SETTINGS, encoding="utf-8")
        install(profile)
        for name in ("pan.tif", "ms.tif"):  # QGIS writes notes beside what it loads
            shutil.copy(ROOT / "resources" / "sample" / name, home / name)
        environment = {
            **{name: value for name, value in os.environ.items() if name != "QT_QPA_PLATFORM"},
            "HOME": folder,
            "XDG_RUNTIME_DIR": folder,
            "KSDIFF_PICTURES": str(PICTURES),
            "KSDIFF_SAMPLE": folder,
            "KSDIFF_PYTHON": sys.executable,
        }
        inside = str(Path(__file__).with_name("screenshot_inside.py"))
        options = ["--noversioncheck", "--nologo", "--profiles-path", folder, "--profile", "pictures", "--code", inside]
        command = ["xvfb-run", "-a", "-s", SCREEN, program, *options]
        with subprocess.Popen(command, env=environment, start_new_session=True) as process:
            try:
                code = process.wait(TIMEOUT_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)  # the screen and QGIS too
                sys.exit(f"QGIS did not come to its end within {TIMEOUT_S} s.")
    taken = [path.name for path in sorted(PICTURES.glob("*.png"))]
    print(f"QGIS ended with code {code}; {PICTURES} holds {', '.join(taken) or 'no picture'}.")


if __name__ == "__main__":
    main()
