#!/bin/sh
# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# Input for census.orrery where an image was stripped of its documentation: unpacks some packages, as the package manager
# downloads them, into a folder, installs nothing, and prints the folder to give as a root.
#   census_input.sh FOLDER      then: orreryctl run census.orrery --param 'changelogs.roots=["FOLDER/usr/share/doc"]' ...
# Exit 1, with the reason, when nothing could be downloaded.
set -u
folder=${1:?give a folder}
packages='adduser apt base-files bash coreutils dash debianutils dpkg grep gzip hostname sed'
mkdir -p "$folder/packages" || exit 1
folder=$(cd "$folder" && pwd)
cd "$folder/packages" || exit 1
failed=0
for package in $packages; do
    # One that this release does not have must not cost the others; several, and nothing yet, mean no network.
    if apt-get download -qq "$package" > apt.log 2>&1; then continue; fi
    echo "census_input.sh: $package: $(tail -n 1 apt.log)" >&2
    failed=$((failed + 1))
    if [ "$failed" -ge 2 ] && ! ls ./*.deb > /dev/null 2>&1; then break; fi
done
found=0
for file in ./*.deb; do
    [ -f "$file" ] || continue
    dpkg-deb -x "$file" "$folder" && found=$((found + 1))
done
if [ "$found" -eq 0 ]; then
    echo 'census_input.sh: no package could be downloaded; is this machine offline, or apt-get update due?' >&2
    exit 1
fi
echo "$folder/usr/share/doc"
