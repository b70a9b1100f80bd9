# SPDX-FileCopyrightText: Orrery contributors
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2086
# What run.sh and test.sh share: the Debian packages, installing what is missing, configuring and building with a
# forecast. Sourced, from the root of the tree; each function returns non-zero after one clear sentence on stderr.

build=build/release

packages_build="g++ cmake ninja-build mold ccache pkg-config
  qt6-base-dev libgl-dev qt6-svg-dev libqcustomplot-dev
  libgrpc++-dev protobuf-compiler-grpc libprotobuf-dev protobuf-compiler libabsl-dev libre2-dev libc-ares-dev libssl-dev
  libsqlite3-dev nlohmann-json3-dev libfmt-dev libspdlog-dev libcli11-dev libxxhash-dev libzstd-dev liblz4-dev libpng-dev zlib1g-dev
  libqt6svg6 fonts-inter fonts-jetbrains-mono fonts-dejavu-core"
packages_test="git strace iproute2"
packages_package="dpkg-dev file" # for the target `package` only; nothing here installs them

# say TEXT...: one line about what happens, away from the standard output of a program that follows.
say() { printf '%s\n' "$*" >&2; }

# Installs those of the packages named that are missing; touches neither apt nor sudo when none is.
# The list that was complete is remembered until Debian's own record of packages changes.
setup_packages() {
    local wanted="$*" known=build/.packages missing=() name state
    if [ -f "$known" ] && [ "$known" -nt /var/lib/dpkg/status ] && [ "$(<"$known")" = "$wanted" ]; then return 0; fi
    if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
        say "orrery: no apt here, so nothing is installed; on Debian 12 these packages are used:" $wanted
        return 0
    fi
    local -A installed=()
    while read -r name state; do
        if [ "$state" = installed ]; then installed[${name%%:*}]=1; fi
    done < <(dpkg-query -W -f='${Package} ${db:Status-Status}\n' $wanted 2> /dev/null)
    for name in $wanted; do
        if [ -z "${installed[$name]:-}" ]; then missing+=("$name"); fi
    done
    mkdir -p build
    if [ ${#missing[@]} -gt 0 ]; then
        local root=() log=build/packages.log
        if [ "$(id -u)" -ne 0 ]; then
            if ! command -v sudo > /dev/null; then
                say "orrery: ${#missing[@]} Debian packages are missing and there is no sudo; as root: apt-get install --no-install-recommends ${missing[*]}"
                return 1
            fi
            root=(sudo)
            if [ ! -t 0 ]; then root=(sudo -n); fi # nobody could answer
        fi
        say "Installing ${#missing[@]} Debian packages: ${missing[*]}"
        # Lists that cannot be renewed may still do; the install says whether they did.
        "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q update < /dev/null > "$log" 2>&1 || true
        local line steps=0 all=0
        while IFS= read -r line; do
            printf '%s\n' "$line" >> "$log"
            case $line in
                *' newly installed'*) all=${line%% newly*} all=$((${all##* } * 2)) ;;
                'Unpacking '* | 'Setting up '*) steps=$((steps + 1)) ;;
                *) continue ;;
            esac
            if [ -t 2 ] && [ "$all" -gt 0 ]; then printf '\rInstalling: %3d %% ' $((steps * 100 / all)) >&2; fi
        done < <(
            "${root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C apt-get -q -y --no-install-recommends install "${missing[@]}" < /dev/null 2>&1
            printf 'apt-get ended with %d\n' $?
        )
        if [ -t 2 ]; then printf '\r\033[K' >&2; fi
        if [ "$(tail -n 1 "$log")" != 'apt-get ended with 0' ]; then
            tail -n 20 "$log" >&2
            say "orrery: installing the packages failed; the whole output is in $log"
            return 1
        fi
    fi
    printf '%s' "$wanted" > "$known"
}

# Configures once; later changes are noticed by ninja itself, but for those of the presets.
setup_configure() {
    if [ -f $build/build.ninja ] && [ $build/.configured -nt CMakePresets.json ]; then return 0; fi
    mkdir -p $build
    if ! cmake --preset release > $build/configure.log 2>&1; then
        tail -n 30 $build/configure.log >&2
        say "orrery: configuring failed; the whole output is in $build/configure.log"
        return 1
    fi
    touch $build/.configured
}

# Expected cost of a build step by its description, in tenths of a second on the machine it was measured on.
step_cost() {
    case $1 in
        *.pb.cc.o*) cost=70 ;;
        *cmake_pch.hxx*) cost=50 ;;
        *mocs_compilation*) cost=7 ;;
        *.cpp.o* | *.cc.o*) cost=25 ;;
        *) cost=2 ;;
    esac
}

# setup_build TARGET...: builds, and says how far it is and how long it will take: steadily on a terminal, by tenths else.
setup_build() {
    local log=$build/build.log began=$EPOCHSECONDS line rest ready=0 total=0 spent=0 all=0 steps=0 cost share shown=-10 left worked=
    # All steps of a whole build, before it starts; a partial build takes its part of them.
    while IFS= read -r line; do
        step_cost "$line"
        all=$((all + cost)) steps=$((steps + 1))
    done < <(ninja -C $build -t commands "$@" 2> /dev/null | sed -n 's/.* -o \([^ ]*\).*/\1/p;t;s/.*/-/p')
    : > "$log"
    while IFS= read -r line; do
        if [[ $line != @[0-9]* ]]; then
            printf '%s\n' "$line" >> "$log"
            continue
        fi
        printf '%s\n' "${line#@}" >> "$log"
        read -r ready total rest <<< "${line#@}"
        if [ "$ready" -eq 0 ] || [[ $rest == Re-* ]]; then continue; fi # ninja looking after its own plan
        step_cost "$rest"
        spent=$((spent + cost)) worked=yes
        local expected=$all
        if [ "$steps" -gt 0 ]; then expected=$((all * total / steps)); fi
        if [ "$expected" -lt "$spent" ] || [ "$ready" -eq "$total" ]; then expected=$spent; fi
        share=$((spent * 100 / (expected > 0 ? expected : 1)))
        left=$(((EPOCHSECONDS - began) * (expected - spent) / spent))
        if [ -t 2 ]; then
            printf '\rBuilding: %3d %%, %d of %d steps, about %d:%02d left ' "$share" "$ready" "$total" $((left / 60)) $((left % 60)) >&2
        elif [ "$share" -ge $((shown + 10)) ]; then
            shown=$((share / 10 * 10))
            printf 'Building: %3d %%, %d of %d steps, about %d:%02d left\n' "$share" "$ready" "$total" $((left / 60)) $((left % 60)) >&2
        fi
    done < <(
        NINJA_STATUS='@%f %t ' ninja -C $build "$@" 2>&1
        printf 'ninja ended with %d\n' $?
    )
    if [ -t 2 ] && [ -n "$worked" ]; then printf '\r\033[K' >&2; fi
    if [ "$(tail -n 1 "$log")" != 'ninja ended with 0' ]; then
        sed -n '/^FAILED: /,$p' "$log" | head -n 60 >&2
        if ! grep -q '^FAILED: ' "$log"; then tail -n 20 "$log" >&2; fi
        say "orrery: the build failed; the whole output is in $log"
        return 1
    fi
    if [ -n "$worked" ]; then say "Built in $(((EPOCHSECONDS - began) / 60)) min $(((EPOCHSECONDS - began) % 60)) s."; fi
}
