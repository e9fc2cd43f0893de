#!/bin/sh
# Packs the tree $1 that build.sh made into $2: kernel, initramfs, and two disks: without Docker and with it.
set -eu
root=$1 output=$2
here=$(cd "$(dirname "$0")" && pwd)
repository=$root/var/lib/simulated-apk
SIZE=6G # sparse; what the phone's engine keeps is on it

mv "$root/boot/vmlinuz" "$output/kernel"

# --- Initramfs: just enough to mount the disk ---

stage=$output/initramfs.d
mkdir -p "$stage/bin" "$stage/dev" "$stage/proc" "$stage/sys" "$stage/root" "$stage/modules"
mv "$root/boot/busybox" "$stage/bin/busybox"
cp "$here/initramfs-init" "$stage/init"
chmod 0755 "$stage/init"
while read -r name; do
	find "$root/usr/lib/modules" -name "$name.ko" -exec cp {} "$stage/modules/" \;
	[ -e "$stage/modules/$name.ko" ] || { echo "kernel module $name: is not in the kernel's package" >&2; exit 1; }
done <"$here/initramfs-modules"
cp "$here/initramfs-modules" "$stage/modules/order"
(cd "$stage" && find . | sort | busybox cpio -o -H newc | gzip -9n >"$output/initramfs")
rm -rf "$stage"

# --- Disks ---

# pack NAME: the tree as it is now; no random numbers in it
pack() {
	truncate -s "$SIZE" "$output/$1.raw"
	mkfs.ext4 -q -F -d "$root" -i 32768 -m 1 -U 0c10d1e7-0000-4000-8000-000000000000 \
		-E hash_seed=0c10d1e7-0000-4000-8000-000000000001,root_owner=0:0 "$output/$1.raw"
}

# What `apk add docker` does on the phone.
add_docker() {
	for archive in "$repository"/*.tar.gz; do
		package=$(basename "$archive" .tar.gz)
		case "$package" in docker-registry*) continue ;; esac
		tar -xzf "$archive" -C "$root"
		echo "$package" >>"$root/lib/apk/db/installed"
	done
	echo docker >>"$root/lib/apk/db/installed"
	echo docker >>"$root/etc/apk/world"
	gid=$(awk -F: '$3 >= 100 && $3 < 1000 { used[$3] = 1 } END { for (i = 101; used[i]; i++); print i }' "$root/etc/group")
	echo "docker:x:$gid:" >>"$root/etc/group"
}

pack phone
add_docker
pack phone-with-docker
