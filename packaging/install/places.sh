# SPDX-License-Identifier: Apache-2.0
# Where a member of giamsat lies on a host, and how it is taken away: one list for install.sh and for the packages.
# Read with MEMBER (agent, collector), root (a folder in the host's place, or nothing) and dry (say, do nothing) set.

name=giamsat-$MEMBER
places() {
    link=$root/opt/$name
    versions=$root/opt/giamsat
    units=$root/etc/systemd/system
    config=$root/etc/giamsat/$MEMBER.toml
    state=$root/var/lib/$name
    granted=$units/$name.service.d/giamsat-agent-process-names.conf
    words=$root/usr/local/share/bash-completion/completions/$name
    signer=
    if [ "$MEMBER" = collector ]; then signer=$root/var/lib/giamsat-signer; fi
    devices=
    if [ "$MEMBER" = agent ]; then devices=$root/var/lib/giamsat-devices; fi
    data=$state${signer:+ $signer}
}

die() { printf '%s: %s\n' "$name" "$1" >&2; exit 1; }
say() { printf '%s\n' "$*"; }
act() { if [ -n "$dry" ]; then say "  $*"; else "$@"; fi; }
systemd() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

# The program, its services and every version of it; what it knows stays.
take_away() {
    for unit in "$units"/giamsat-*.service; do
        grep -qs "^ExecStart=/opt/$name/" "$unit" || continue
        if systemd; then act systemctl --quiet disable --now "${unit##*/}" || true; fi
        act rm -f "$unit" "$units/multi-user.target.wants/${unit##*/}"
    done
    act rm -f "$granted"
    if [ -d "${granted%/*}" ]; then act rmdir --ignore-fail-on-non-empty "${granted%/*}"; fi
    if systemd; then act systemctl daemon-reload; fi
    act rm -rf "$link" "$root/usr/local/bin/$name" "$words" "$versions/$name.before" "$versions/$MEMBER"-*
    if [ -d "$versions" ]; then act rmdir --ignore-fail-on-non-empty "$versions"; fi
    kept=
    for place in "$config" $data; do if [ -e "$place" ]; then kept="$kept $place"; fi; done
    say "$name: đã gỡ / is gone${kept:+; còn lại / what stays:$kept}"
}

# What take_away leaves: configuration, identity, data.
purge() {
    act rm -rf "$config" "$config.new" "$state" ${signer:+"$signer"} ${devices:+"$devices"}
    set -- "${config%/*}"/*.toml
    if [ ! -e "$1" ]; then act rm -f "${config%/*}"/emergency-[123].pub; fi
    if [ -d "${config%/*}" ]; then act rmdir --ignore-fail-on-non-empty "${config%/*}"; fi
    say "$name: đã xóa cấu hình, danh tính, dữ liệu / configuration, identity and data are gone: $config $data"
}
