#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs giamsat from this folder, without the Internet. The same command takes a newer version; --back returns to the last.
set -eu
umask 022   # what is installed here is read by users of their own, whatever root's habit is

here=$(CDPATH= cd "$(dirname "$0")" && pwd)
. "$here/about"   # MEMBER, VERSION, PYTHONS, MACHINE
root= collector= dry= back= remove= purge= fresh= first= anew= names=
. "$here/places.sh"
packaged=/usr/share/giamsat/$MEMBER   # where the deb and the rpm lay this very folder

usage() {
    cat <<END
$name $VERSION

  sh install.sh [--collector HOST] [--process-names] [--root DIR] [--dry-run] [--back | --remove | --purge]

  --collector HOST   địa chỉ bộ thu thập; ghi danh luôn / the collector's address; this host is enrolled at once;
                     HOST:PORT nếu ghi danh không qua cổng 7444 / HOST:PORT where enrolment is not on port 7444
  --process-names    agent nói cả tên tiến trình mở cổng; khi đó nó đọc được mọi tệp của máy
                     the agent also names the process behind a port; it may then read every file of this host
  --dry-run          chỉ nói sẽ làm gì / only say what would be done
  --back             về bản đã cài trước đó / back to the version that was installed before
  --remove           gỡ; giữ cấu hình, danh tính, dữ liệu / take it away; configuration, identity and data stay
  --purge            gỡ và xóa hết, kể cả cấu hình, danh tính, dữ liệu / all of it goes: configuration, identity and data, too
  --root DIR         cài vào dưới thư mục này, không đụng tới máy / into a folder, leaving the host alone
END
}

while [ $# -gt 0 ]; do
    case $1 in
        --collector) [ $# -ge 2 ] || die "--collector cần một địa chỉ / wants an address"; collector=$2; shift ;;
        --root) [ $# -ge 2 ] || die "--root cần một thư mục / wants a folder"; root=${2%/}; shift ;;
        --process-names) names=1 ;;
        --dry-run) dry=1 ;;
        --back) back=1 ;;
        --remove) remove=1 ;;
        --purge) remove=1 purge=1 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; die "không hiểu / not understood: $1" ;;
    esac
    shift
done
[ -z "$collector" ] || [ "$MEMBER" = agent ] || die "--collector là của agent / is the agent's"
[ -z "$names" ] || [ "$MEMBER" = agent ] || die "--process-names là của agent / is the agent's"
port=7444
case $collector in
    *://*) die "chỉ ghi tên máy, không ghi / only the name of the host, without: ${collector%%://*}://" ;;
    \[*\]) ;;
    \[*\]:*) port=${collector##*:}; collector=${collector%:*} ;;
    *:*:*) die "địa chỉ IPv6 viết trong ngoặc / an IPv6 address stands in brackets: [$collector]" ;;
    *:*) port=${collector##*:}; collector=${collector%:*} ;;
esac
case $collector$port in *[!][A-Za-z0-9.:_-]*) die "không phải địa chỉ / no address: $collector" ;; esac

places
current=$(readlink "$link" 2>/dev/null || true)

running() { systemd && systemctl is-active --quiet "$name.service"; }
# Whether the member has been at work here: the agent is enrolled, the collector has data.
begun() {
    if [ "$MEMBER" = agent ]; then [ -e "$state/identity" ]; else [ -n "$(ls -A "$state" 2>/dev/null)" ]; fi
}

# The configuration as it was laid here: the lines this script wrote into it since are those of the example again.
as_laid() {
    awk 'NR == FNR { example[$1] = $0; next }
        /^addresses = .*# written by install\.sh$/ || /^emergency_keys = \["\/etc\/giamsat\/emergency-1\.pub", / {
            if ($1 in example) $0 = example[$1]
        }
        { print }' "$here/config/$MEMBER.toml" "$config"
}

# Point /opt/NAME at a version in one step: whoever starts in between finds the old one or the new one whole.
use() {
    act ln -sfn "$1" "$link.next"
    act mv -fT "$link.next" "$link"
    if running; then
        for unit in "$here"/systemd/*.service; do
            if systemctl is-active --quiet "${unit##*/}"; then act systemctl restart "${unit##*/}"; fi
        done
    fi
}

if [ -z "$root" ] && [ -z "$dry" ] && [ "$(id -u)" -ne 0 ]; then
    die "cần quyền root / needs root: sudo sh $0"
fi

if [ -n "$back" ]; then
    before=$(cat "$versions/$name.before" 2>/dev/null || true)
    [ -n "$before" ] && [ -d "$before" ] || die "không có bản trước / there is no version before this one"
    use "$before"
    say "$name: đã về / back to ${before##*/}"
    exit 0
fi

if [ -n "$remove" ]; then
    if [ -z "$root" ] && [ -e "$packaged" ] && [ "$here" != "$packaged" ]; then
        die "máy này cài bằng gói deb hoặc rpm / is installed as a deb or rpm: apt remove $name, dnf remove $name ($name-extras)"
    fi
    take_away
    if [ -n "$purge" ]; then purge; fi
    exit 0
fi

# --- what must be so before anything is changed

[ "$(uname -sm)" = "Linux $MACHINE" ] || die "gói này cho / this bundle is for: Linux $MACHINE; máy này / this host: $(uname -sm)"
(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) >&2 ||
    die "gói bị hỏng khi chép; hãy chép lại / the bundle was damaged on its way; copy it again"

python=
# -I: as root nothing is imported from the folder this is called in, nor from where variables point.
for version in $PYTHONS; do
    for place in /usr/bin /usr/local/bin; do
        if [ -z "$python" ] && "$place/python$version" -I -c 'import venv' 2>/dev/null; then python=$place/python$version; fi
    done
done
if [ -z "$python" ]; then
    has=$(/usr/bin/python3 -I -c 'import platform; print("Python " + platform.python_version())' 2>/dev/null || echo "không có / none")
    die "cần một trong các bản Python này / one of these Pythons is needed: $PYTHONS; máy này có / this host has: $has
    apt install python${PYTHONS##* }, dnf install python${PYTHONS##* }, hoặc xin gói khác / or ask for another bundle"
fi

users=$(sed -n 's/^User=//p' "$here"/systemd/*.service | sort -u)

# --- install beside what runs

target=$versions/$MEMBER-$VERSION-$(sha256sum "$here/SHA256SUMS" | cut -c1-8)
say "$name $VERSION → ${target}  (${python##*/})"
act mkdir -p "$versions"
if [ -z "$dry" ]; then
    exec 9<"$versions"
    flock --nonblock 9 ||
        die "đang có lần cài khác; đợi xong rồi chạy lại / another installation is under way; wait for its end, run this again"
fi
whole=$target/whole   # is there once all of it is on the disk, whatever ended an earlier try
could_not() { rm -rf "$target"; die "không cài được / could not be installed; lỗi ở trên / the reason stands above"; }
if [ -e "$whole" ] && "$target/bin/python" -I -c 'import encodings' 2>/dev/null; then
    say "đã có sẵn / is there already"
else
    anew=1   # also where the system's Python that it was made with is gone
    free=$(df -Pk "${root:-/opt}" 2>/dev/null | awk 'NR == 2 { print $4 }')
    [ "${free:-999999}" -gt 400000 ] ||
        die "/opt còn dưới 400 MB / has less than 400 MB left; dọn đĩa rồi chạy lại / make room, then run this again"
    act rm -rf "$target"
    act "$python" -I -m venv --without-pip "$target" || could_not
    act "$target/bin/python" -I "$here/pip.zip/pip" --isolated --no-input --disable-pip-version-check --quiet install --no-index \
        --find-links "$here/wheels" --require-hashes --no-deps --requirement "$here/requirements.txt" || could_not
    act sync --file-system "$target"
    act touch "$whole"
fi

if [ -z "$root" ]; then
    for user in $users; do
        if ! id "$user" >/dev/null 2>&1; then
            act useradd --system --user-group --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
        fi
    done
    if [ "$MEMBER" = agent ]; then
        for group in systemd-journal adm; do
            if getent group "$group" >/dev/null; then act usermod -aG "$group" giamsat-agent; fi
        done
    fi
    act install -d -o "$name" -g "$name" -m 700 "$state"
else
    act install -d -m 700 "$state"
fi

[ -e "$units/$name.service" ] || first=1
act mkdir -p "$units" "${config%/*}" "$root/usr/local/bin"
for unit in "$here"/systemd/*.service; do act cp "$unit" "$units/"; done
if [ -n "$names" ]; then act install -D -m 644 "$here/systemd/${granted##*/}" "$granted"; fi
if [ ! -e "$config" ]; then
    act install -m 644 "$here/config/$MEMBER.toml" "$config"
    fresh=1
elif ! as_laid | cmp -s "$here/config/$MEMBER.toml" -; then
    act install -m 644 "$here/config/$MEMBER.toml" "$config.new"
    say "giữ nguyên / kept: $config; mẫu mới / the new example: $config.new"
fi
# Public halves of the province's emergency keys, when they lie beside this script: who may name new roots in an emergency.
if [ -e "$here/emergency-1.pub" ]; then
    for number in 1 2 3; do act install -m 644 "$here/emergency-$number.pub" "${config%/*}/emergency-$number.pub"; done
    keys=$(for number in 1 2 3; do printf '"/etc/giamsat/emergency-%s.pub", ' "$number"; done)
    if [ -n "$fresh" ]; then
        act sed -i "s|^emergency_keys = .*|emergency_keys = [${keys%, }]|" "$config"
    elif ! grep -q '^emergency_keys = \["' "$config"; then
        say "chú ý / mind: $config chưa có / does not have: emergency_keys = [${keys%, }]"
    fi
fi
# A host that is not enrolled yet reports to the collector it is enrolled at, whatever an earlier try wrote.
if [ -n "$collector" ] && [ ! -e "$state/identity" ]; then
    if [ -n "$fresh" ] || grep -q '^addresses = .*\(example\.gov\.vn\|# written by install.sh\)' "$config"; then
        act sed -i "s/^addresses = .*/addresses = [\"$collector:7443\"]   # written by install.sh/" "$config"
    elif ! grep -q "^addresses = .*\"$collector:" "$config"; then
        say "chú ý / mind: $config nêu bộ thu thập khác / names another collector: $(grep '^addresses' "$config")"
    fi
fi
act ln -sfn "$link/bin/$name" "$root/usr/local/bin/$name"
# What the shell completes; where the program does not say, nothing.
act mkdir -p "${words%/*}"
if [ -n "$dry" ]; then say "  $name >$words"; else
    env "_GIAMSAT_$(echo "$MEMBER" | tr a-z A-Z)_COMPLETE=source_bash" "$target/bin/$name" >"$words" 2>/dev/null || rm -f "$words"
fi
if systemd; then act systemctl daemon-reload; fi

if [ "$current" != "$target" ]; then
    if [ -n "$current" ] && [ -z "$dry" ]; then printf '%s\n' "$current" >"$versions/$name.before"; fi
    use "$target"
elif [ -n "$anew" ]; then
    use "$target"
elif [ -n "$names" ] && running; then
    act systemctl restart "$name.service"
fi
before=$(cat "$versions/$name.before" 2>/dev/null || true)
for old in "$versions/$MEMBER"-*; do
    case $old in "$target" | "$before" | "$versions/$MEMBER-*") ;; *) act rm -rf "$old" ;; esac
done

# At the first time the service is set to run with the system, and runs at once where it has worked before. Who stops or
# disables it later is not overruled.
if [ -n "$first" ] && [ -z "$root" ] && command -v systemctl >/dev/null; then
    act systemctl --quiet enable "$name.service"
    if systemd && begun; then act systemctl start "$name.service"; fi
fi

# --- what comes next

if [ -n "$collector" ] && [ -z "$dry" ]; then
    if begun; then
        say "đã ghi danh từ trước / is enrolled already: sudo $name status"
    else
        "$link/bin/$name" enrol --config "$config" --collector "$collector:$port" ||
            die "đã cài, chưa ghi danh / is installed, not enrolled; sửa lỗi ở trên rồi chạy lại lệnh này / mend what stands above, run the same command again"
        if systemd; then systemctl --quiet enable --now "$name.service"; fi
    fi
fi
say
if [ -n "$dry" ]; then
    say "$name $VERSION: chỉ xem trước, chưa làm gì / looked at only, nothing was done"
    exit 0
fi
say "$name $VERSION: xong / done"
if [ "$MEMBER" = agent ] && ! begun; then
    say "Bước tiếp theo / next:"
    say "  sudo sh $here/install.sh --collector HOST"
    say "      hỏi mã trong thư, ghi danh, chạy / asks for the code in the letter, enrols, starts"
    say "  hoặc / or: sudo $name enrol --export request.json"
    say "      máy không được kết nối: ghi danh bằng tệp mang tay / no connection allowed: enrol by a file that is carried"
elif running; then
    say "  sudo $name status"
else
    if ! begun; then say "  1. sửa các tên trong / set the names in: $config"; fi
    say "  sudo systemctl start $name"
    say "  sudo $name status"
fi
