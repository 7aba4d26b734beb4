#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Prints the path of a Python that can run giamsat (3.11 or later): the one asked for and no other; else the one in use, or
# the system's.
set -eu

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11
fi

found=""
for name; do
    version=$("$name" -IS -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    case $version in
        3.1[1-9] | 3.[2-9][0-9])
            command -v "$name"
            exit 0
            ;;
    esac
    found="$found $name is $version;"
done

none=" no python3 is on PATH"
[ -z "${PYTHON:-}" ] || none=" $PYTHON does not run"
echo "set-up: giamsat needs Python 3.11 or later;${found:-$none}" >&2
echo "set-up: install it (Debian, Ubuntu: apt install python3 python3-venv), or name one: make PYTHON=/path/to/python3.12 ..." >&2
exit 1
