#!/bin/sh
# Prepare a Debian or Ubuntu machine for development: system packages where missing, then .venv with pinned tools.
set -eu
cd "$(dirname "$0")/.."

# scipy serves the tests as a reference; engine and plugin never import it.
packages="git make python3 python3-venv python3-numpy python3-scipy python3-gdal gdal-bin
 qgis qgis-providers python3-qgis xvfb xauth"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "This is not Debian or Ubuntu: install QGIS 3.22 or later with its Python, GDAL, scipy, git and make," \
         "then run: python3 -m venv --system-site-packages .venv && .venv/bin/python -m pip install" \
         "-r requirements-dev.txt && touch .venv/ready" >&2
    exit 1
fi

missing=""
for package in $packages; do
    case "$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)" in
        *" installed") ;;
        *) missing="$missing $package" ;;
    esac
done

if [ -n "$missing" ]; then
    if [ "$(id -u)" = 0 ]; then as_root="env"
    elif sudo -n true 2>/dev/null; then as_root="sudo -n env"
    else
        echo "Packages are missing and only an administrator can install them. Run this, then try again:" >&2
        echo "  sudo apt-get update && sudo apt-get install -y --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "Installing$missing"
    apt="$as_root DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"
    $apt update </dev/null
    $apt install --no-install-recommends $missing </dev/null
fi

# An environment counts only if it works: an upgrade of Python or a moved folder breaks it silently.
if ! .venv/bin/python -c "import pip, osgeo.gdal_array, qgis.core, scipy" >/dev/null 2>&1; then
    rm -rf .venv
    /usr/bin/python3 -m venv --system-site-packages .venv
fi
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt </dev/null
.venv/bin/python -c "import osgeo.gdal_array, qgis.core, scipy"
