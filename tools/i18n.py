"""Translations: collects what tr() wraps into i18n/*.ts, and compiles finished languages to .qm.

Reads the source with ast, so it needs no Qt tools; only compiling needs lrelease.  Places are not recorded:
a file changes when a text does, not when a line moves.
"""

from __future__ import annotations

import argparse
import ast
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "ksdiff_qgis"
FOLDER = ROOT / "i18n"
NAME = "ksdiff"
CONTEXT = "ksdiff"  # the one context that tr() of the plugin uses
LANGUAGES = ("de",)  # a new language: add its code here, run `make i18n`, open the file in Qt Linguist


def texts(source: Path) -> tuple[list[str], list[str]]:
    """Return the translatable texts under `source` in their order, and complaints about unreadable calls."""
    found: dict[str, None] = {}
    complaints = []
    for path in sorted(source.rglob("*.py")):
        if "vendor" in path.parts:
            continue
        calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset)):
            argument = _translated(call)
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found[argument.value] = None
            elif argument is not None:
                complaints.append(f"{path.name}:{argument.lineno}: tr() needs one plain string, nothing computed.")
    return list(found), complaints


def _translated(call: ast.Call) -> ast.expr | None:
    """Return what tr(...), self.tr(...) or translate(context, ...) translates; None for any other call."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name == "tr":
        return call.args[0] if len(call.args) == 1 else call
    if name == "translate" and len(call.args) > 1 and not isinstance(call.args[1], ast.Name):  # a Name: inside tr()
        return call.args[1]
    return None


def update(path: Path, language: str, found: list[str]) -> int:
    """Write `path` for `found`, keeping what is translated already; return how many texts lack a translation.

    A translated text that vanished from the source is kept, marked, for the day it comes back.
    """
    known = {}
    if path.exists():
        for message in ElementTree.parse(path).iter("message"):
            translation = message.find("translation")
            if translation is not None and (translation.text or "") and translation.get("type") != "unfinished":
                known[message.findtext("source", "")] = translation.text or ""
    root = ElementTree.Element("TS", version="2.1", sourcelanguage="en")
    if language:
        root.set("language", language)
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = CONTEXT
    for text in [*found, *(old for old in known if old not in found)]:
        message = ElementTree.SubElement(context, "message")
        ElementTree.SubElement(message, "source").text = text
        translation = ElementTree.SubElement(message, "translation")
        translation.text = known.get(text)
        if text not in known:
            translation.set("type", "unfinished")
        elif text not in found:
            translation.set("type", "vanished")
    ElementTree.indent(root, "    ")
    path.parent.mkdir(exist_ok=True)
    body = ElementTree.tostring(root, encoding="unicode")
    path.write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{body}\n', encoding="utf-8")
    return sum(text not in known for text in found)


def release() -> None:
    """Compile every language that has a finished translation; say so where the compiler is missing."""
    started = [
        path
        for path in sorted(FOLDER.glob(f"{NAME}_*.ts"))
        if re.search(r"<translation>[^<]", path.read_text(encoding="utf-8"))
    ]
    compiler = next(filter(None, map(shutil.which, ("lrelease", "lrelease-qt5", "lrelease6"))), None)
    for path in started:
        if compiler is None:
            print(f"{path.name} is not compiled: lrelease is missing (Debian: qttools5-dev-tools).", file=sys.stderr)
        else:
            subprocess.run([compiler, "-silent", str(path), "-qm", str(path.with_suffix(".qm"))], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("verb", choices=("update", "release"))
    if parser.parse_args().verb == "release":
        release()
        return
    found, complaints = texts(SOURCE)
    if complaints:
        sys.exit("\n".join(complaints))
    update(FOLDER / f"{NAME}.ts", "", found)
    for language in LANGUAGES:
        path = FOLDER / f"{NAME}_{language}.ts"
        print(f"{path.relative_to(ROOT)}: {len(found)} texts, {update(path, language, found)} not translated yet")


if __name__ == "__main__":
    main()
