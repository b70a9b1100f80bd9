#!/bin/bash
# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds the programs and starts the window with its first minute; arguments go to the program.
# Without a display the same first minute is played without a window; its last line is the path of a picture.
# shellcheck disable=SC2086,SC2154 source=installer/setup.sh
set -u
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1
. installer/setup.sh

packages=$packages_build
if [ -n "${WAYLAND_DISPLAY:-}" ] && [ -z "${DISPLAY:-}" ]; then packages="$packages qt6-wayland"; fi
setup_packages $packages || exit 1
setup_configure || exit 1
setup_build programs || exit 1

program=$build/bin/orrery
if [ ! -x $program ]; then
    say "orrery: the build made no $program; is the window's part of the tree (app/) missing?"
    exit 1
fi
if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec $program --first-minute "$@"
fi
picture=$PWD/build/first_minute.png
rm -f "$picture"
QT_QPA_PLATFORM=offscreen $program --first-minute --picture "$picture" "$@"
status=$?
if [ -f "$picture" ]; then printf '%s\n' "$picture"; fi
exit $status
