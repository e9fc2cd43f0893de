#!/bin/sh
# Turns the extracted, unconfigured Debian tree $1 into a simulated phone's, with a kernel. mmdebstrap runs it as an
# extract hook. Nothing of the tree is ever run here: what its packages' maintainer scripts would have done is done by hand.
set -eu
root=$1
here=$(cd "$(dirname "$0")" && pwd)

# --- For the initramfs, which has no libraries; the package bears no other BusyBox beside it ---

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && APT_CONFIG=$MMDEBSTRAP_APT_CONFIG apt-get -qq -o APT::Sandbox::User=root download busybox-static)
dpkg-deb -x "$work"/busybox-static_*.deb "$work/static"
cp "$work/static/bin/busybox" "$root/boot/busybox"

# --- Users, logins ---

masters=$root/usr/share/base-passwd
sed 's/^\([^:]*\):\*:/\1:x:/' "$masters/passwd.master" >"$root/etc/passwd"
sed 's/^\([^:]*\):\*:/\1:x:/' "$masters/group.master" >"$root/etc/group"
echo 'sshd:x:106:65534::/run/sshd:/usr/sbin/nologin' >>"$root/etc/passwd"
echo '_chrony:x:107:107:Chrony daemon:/var/lib/chrony:/usr/sbin/nologin' >>"$root/etc/passwd"
echo '_chrony:x:107:' >>"$root/etc/group"
sed 's/:.*/:*:19000:0:99999:7:::/' "$root/etc/passwd" >"$root/etc/shadow"
chmod 0640 "$root/etc/shadow"
mkdir -p "$root/etc/pam.d"
for kind in auth account password session; do
	echo "$kind required pam_unix.so" >"$root/etc/pam.d/common-$kind"
done
cp "$root/etc/pam.d/common-session" "$root/etc/pam.d/common-session-noninteractive"

# --- As the container phones, then what only a machine has ---

mkdir -p "$root/etc/ssh" # some packages' files come from their maintainer scripts alone
cp "$root/usr/share/openssh/sshd_config" "$root/etc/ssh/sshd_config"
PHONE_APPLETS="busybox --list-full" "$here/../phone/build.sh" "$root"
cp -r --no-target-directory "$here/rootfs" "$root"
chmod -R u=rwX,go=rX "$root/etc/init.d" "$root/usr/sbin/simulated-boot"
chmod 0755 "$root/usr/sbin/simulated-boot"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/root" "$root/mnt" "$root/var/log" \
	"$root/var/lib/chrony" "$root/var/empty"
ln -sf ../run "$root/var/run"
for tool in modprobe insmod lsmod rmmod depmod modinfo; do ln -sf /usr/bin/kmod "$root/usr/sbin/$tool"; done
ln -s /etc/init.d/modules "$root/etc/runlevels/boot/modules"

# Go's programs clear their memory up a quarter as often: an emulated processor has less time than space.
echo 'export GOGC=400' >>"$root/etc/rc.conf"
echo 'SetEnv GOGC=400' >>"$root/etc/ssh/sshd_config"

# A phone has no sound cards, and each file costs time.
modules=$(echo "$root"/usr/lib/modules/*)
mv "$root"/boot/vmlinuz-* "$root/boot/vmlinuz"
rm -rf "$modules/kernel/sound" "$root"/boot/System.map-* "$root"/boot/initrd* "$root/usr/share/initramfs-tools" \
	"$root/usr/lib/udev" "$root/usr/lib/systemd"
find "$modules/kernel/drivers" -mindepth 1 -maxdepth 1 \
	! -name block ! -name char ! -name net ! -name rtc ! -name virtio -exec rm -rf {} +
find "$modules/kernel/drivers/net" -mindepth 1 -maxdepth 1 -type d ! -name vxlan -exec rm -rf {} +
depmod -b "$root" "$(basename "$modules")"
