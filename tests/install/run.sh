#!/usr/bin/env bash
# Installs into a temporary prefix and uses what is there as a stranger would: the program, the man page, the completions,
# and the library through pkg-config with the example from docs/examples.
# usage: run.sh BUILD_DIR SOURCE_DIR C_COMPILER
set -euo pipefail
build=$1 source=$2 cc=$3
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
fail() { echo "$*"; exit 1; }

cmake --install "$build" --prefix "$prefix" >"$prefix/install.log"
"$prefix/bin/rdbmeter" --version | grep -q '^rdbmeter [0-9]' || fail "the installed program does not say its version"

man=$prefix/share/man/man1/rdbmeter.1
for word in report keys verify size_in_bytes 'min\\-size'; do
    grep -q -- "$word" "$man" || fail "the man page does not mention $word"
done
if command -v groff >/dev/null; then
    warnings=$(groff -man -Tutf8 -ww "$man" 2>&1 >/dev/null)
    [ -z "$warnings" ] || fail "groff complains about the man page: $warnings"
fi

completions=$prefix/share/bash-completion/completions/rdbmeter
complete_words() {
    bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _rdbmeter; printf "%s\n" "${COMPREPLY[@]}"' bash "$completions" "$@"
}
complete_words rdbmeter ver | grep -qx verify || fail "bash does not complete the command verify"
complete_words rdbmeter keys --min | grep -qx -- --min-size || fail "bash does not complete --min-size"
complete_words rdbmeter keys --key-format he | grep -qx hex || fail "bash does not complete --key-format hex"
for shell in zsh fish; do
    command -v $shell >/dev/null || continue
    case $shell in
    zsh) zsh -n "$prefix/share/zsh/vendor-completions/_rdbmeter" ;;
    fish) fish -n "$prefix/share/fish/vendor_completions.d/rdbmeter.fish" ;;
    esac || fail "$shell does not understand its completions"
done

pc=$(dirname "$(find "$prefix" -name rdbparse.pc)")
flags=$(PKG_CONFIG_PATH=$pc pkg-config --cflags --libs rdbparse)
# shellcheck disable=SC2086
"$cc" -std=c17 -Wall -Wextra -Werror "$source/docs/examples/largest_string.c" $flags -o "$prefix/largest_string"
got=$("$prefix/largest_string" "$source/testdata/tiny/types.rdb")
[ "$got" = 'string:compressible: 400 bytes' ] || fail "the example prints: $got"
