#!/bin/sh
# Turns the Debian tree $1 into a simulated phone's. mmdebstrap runs it as a customize hook.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=$root/var/lib/simulated-apk

# --- What apk can install: programs of Debian's packages, packed as that look-alike wants them ---

# fetch DEBIAN-PACKAGE...: unpacks each into a directory of its name
fetch() {
	mkdir "$work/debs"
	(cd "$work/debs" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq -o APT::Sandbox::User=root download "$@")
	for package; do dpkg-deb -x "$work/debs/${package}_"*.deb "$work/$package"; done
}

# pack NAME DIRECTORY [DEPENDENCY...]
pack() {
	name=$1 directory=$2
	shift 2
	(cd "$directory" && find . ! -type d | tar -T - --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX -cf -) |
		gzip -1 >"$repository/$name.tar.gz"
	printf '%s\n' "$@" | sed '/^$/d' >"$repository/$name.depends"
}

# stage PACKAGE FILE...: these programs in usr/bin of a directory to pack, where Alpine has them
stage() {
	package=$1
	shift
	mkdir -p "$work/stage/$package/usr/bin"
	for file; do cp -a "$work/$file" "$work/stage/$package/usr/bin/"; done
}

mkdir -p "$repository"
fetch docker.io containerd runc tini iptables docker-registry
stage docker-cli docker.io/usr/bin/docker
stage docker-engine docker.io/usr/sbin/dockerd docker.io/usr/sbin/docker-proxy
ln -s tini-static "$work/stage/docker-engine/usr/bin/docker-init"
stage containerd containerd/usr/bin/containerd containerd/usr/bin/containerd-shim-runc-v2
stage runc runc/usr/sbin/runc
stage tini-static tini/usr/bin/tini-static
stage docker-registry docker-registry/usr/bin/docker-registry
for link in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
	ln -s xtables-nft-multi "$work/iptables/usr/sbin/$link"
done
rm -r "$work/iptables/usr/share"

printf '%s\n' docker-engine docker-cli >"$repository/docker.depends"
pack docker-engine "$work/stage/docker-engine" containerd runc tini-static iptables docker-openrc \
	postmarketos-config-nftables-docker
echo 'addgroup -S docker 2>/dev/null || true' >"$repository/docker-engine.pre-install"
for package in docker-cli containerd runc tini-static docker-registry; do pack "$package" "$work/stage/$package"; done
pack iptables "$work/iptables"
for directory in "$here"/packages/*; do pack "$(basename "$directory")" "$directory"; done

# --- The phone: OpenRC services, settings and the user; BusyBox instead of GNU's tools ---

rm -rf "$root"/etc/init.d/* "$root"/etc/runlevels/* "$root"/etc/conf.d "$root"/etc/ssh/ssh_host_* \
	"$root/etc/machine-id" "$root/usr/sbin/policy-rc.d"
cp -r "$here/rootfs" "$work/rootfs"
chmod -R u=rwX,go=rX "$work/rootfs" # whatever the checkout's umask was
cp -a --remove-destination --no-target-directory "$work/rootfs" "$root"
mkdir -p "$root/etc/conf.d" "$root/etc/docker" "$root/etc/apk"
for level in sysinit boot default shutdown nonetwork; do mkdir -p "$root/etc/runlevels/$level"; done
for service in sysinit/sysfs sysinit/cgroups boot/nftables default/networking default/sshd default/chronyd; do
	ln -s "/etc/init.d/${service#*/}" "$root/etc/runlevels/$service"
done

sed -i 's/^uucp:x:10:/uucp:x:14:/' "$root/etc/group" # on Alpine 10 is wheel
printf '%s\n' wheel:x:10:cloudlet cloudlet:x:10000: >>"$root/etc/group"
echo 'cloudlet:x:10000:10000:simulated phone user:/home/cloudlet:/bin/ash' >>"$root/etc/passwd"
echo 'cloudlet:*:19000:0:99999:7:::' >>"$root/etc/shadow" # "*": no password, but not locked, which sshd would refuse
sed -i 's#:/bin/bash$#:/bin/ash#' "$root/etc/passwd"
install -d -o 10000 -g 10000 -m 0700 "$root/home/cloudlet" "$root/home/cloudlet/.ssh"

mkdir -p "$root/lib/apk/db"
printf '%s\n' alpine-baselayout busybox chrony doas nftables openrc openssh postmarketos-base \
	postmarketos-config-nftables >"$root/lib/apk/db/installed"
cp "$root/lib/apk/db/installed" "$root/etc/apk/world"
touch "$root/etc/apk/interactive"

# OpenRC brings its own of these; Debian's BusyBox has no others that are missing on Alpine.
kept=' halt init linuxrc login poweroff reboot rpm rpm2cpio start-stop-daemon '
# A tree of another processor cannot be asked: then PHONE_APPLETS asks this machine's BusyBox.
${PHONE_APPLETS:-chroot "$root" /bin/busybox --list-full} >"$work/applets"
while read -r applet; do
	case "$kept" in *" ${applet##*/} "*) continue ;; esac
	ln -sf /bin/busybox "$root/$applet"
done <"$work/applets"

# Not on postmarketOS: a script that needs one of these must fail here too.
for program in apt apt-cache apt-cdrom apt-config apt-get apt-key apt-mark bash rbash perl dash useradd usermod \
	userdel adduser deluser groupadd groupmod groupdel; do
	rm -f "$root/usr/bin/$program" "$root/usr/sbin/$program"
done
rm -rf "$root"/usr/bin/dpkg* "$root"/usr/bin/perl5* "$root"/usr/lib/apt "$root"/usr/share/perl* "$root"/usr/lib/*/perl* \
	"$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/info \
	"$root"/var/lib/apt "$root"/var/lib/dpkg "$root"/var/cache/*
