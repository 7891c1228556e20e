#!/usr/bin/env bash
# The unit tests on a machine that has its most significant byte first: built with Debian's cross compiler for s390x, run
# under qemu's user emulation. (Machines of 32 bits are not meant: the model reckons in 128 bits, which they do not have.)
#   tests/portability/run.sh [FOLDER]
# Libraries of that machine are unpacked into FOLDER (default build/portability/s390x), nothing of them is installed; the
# compiler and qemu-user have to be there.
set -euo pipefail

arch=s390x triple=s390x-linux-gnu qemu=qemu-s390x
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
folder=${1:-$root/build/portability/$arch}
# what ./dev installs for a build, as far as it is linked; and the locale C.UTF-8, which is in libc-bin
libraries="$(sed -n 's/^packages_build="\(.*\)"/\1/p' "$root/dev" | tr ' ' '\n' | grep -E '^(lib|zlib).*-dev$' | tr '\n' ' ') libc-bin check"

for program in "$triple-gcc" "$qemu" apt-get dpkg-deb; do
    command -v "$program" >/dev/null || {
        echo "$program is missing; on Debian: apt-get install qemu-user gcc-$triple libc6-dev-$arch-cross" >&2
        exit 77
    }
done

# apt with lists and a status of its own: as on a machine of that kind with nothing installed.
apt=$folder/apt
sysroot=$folder/sysroot
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$sysroot"
: >"$apt/status"
as_other=(-q -o "APT::Architecture=$arch" -o "APT::Architectures::=$arch" -o "Dir::State=$apt" -o "Dir::State::lists=$apt/lists"
    -o "Dir::State::status=$apt/status" -o "Dir::Cache=$apt" -o "Dir::Cache::archives=$apt/archives" -o Debug::NoLocking=1)
if [ ! -e "$sysroot/unpacked" ]; then
    # a mirror that is just being changed may lack one list; what is then missing, the next command says
    apt-get "${as_other[@]}" update >"$folder/apt.log" 2>&1 || tail -1 "$folder/apt.log" >&2
    # shellcheck disable=SC2086
    apt-get "${as_other[@]}" -y --no-install-recommends --download-only install $libraries >>"$folder/apt.log" 2>&1 || { tail "$folder/apt.log" >&2; exit 1; }
    for name in bin lib sbin; do
        mkdir -p "$sysroot/usr/$name"
        [ -e "$sysroot/$name" ] || ln -s "usr/$name" "$sysroot/$name"
    done
    for package in "$apt"/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$package" | tar -x -C "$sysroot" --keep-directory-symlink
    done
    touch "$sysroot/unpacked"
fi

cat >"$folder/toolchain.cmake" <<TOOLCHAIN
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR $arch)
set(CMAKE_C_COMPILER $triple-gcc)
set(CMAKE_SYSROOT $sysroot)
set(CMAKE_LIBRARY_ARCHITECTURE $triple)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_CROSSCOMPILING_EMULATOR $qemu -L $sysroot)
TOOLCHAIN
export PKG_CONFIG_SYSROOT_DIR=$sysroot PKG_CONFIG_LIBDIR=$sysroot/usr/lib/$triple/pkgconfig:$sysroot/usr/share/pkgconfig
cmake -S "$root" -B "$folder/build" -G Ninja -DCMAKE_TOOLCHAIN_FILE="$folder/toolchain.cmake" -DCMAKE_BUILD_TYPE=RelWithDebInfo \
    -DRDBMETER_WERROR=ON >"$folder/configure.log" 2>&1 || { cat "$folder/configure.log" >&2; exit 1; }
cmake --build "$folder/build" -j 2 >"$folder/build.log" 2>&1 || { grep -v '^\[' "$folder/build.log" >&2; exit 1; }
# Emulation is slow, the machine may be busy: ctest has the limit, not Check.
export CK_TIMEOUT_MULTIPLIER=300
ctest --test-dir "$folder/build" -R '^(unit|fuzz)[.]' --output-on-failure -j 2 --timeout 1200
