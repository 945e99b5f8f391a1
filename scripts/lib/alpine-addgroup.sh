#!/bin/sh
# addgroup [-S] [-g GID] GROUP, and addgroup USER GROUP, as Alpine's busybox has them.
set -eu
gid=
while getopts Sg: flag; do
	case $flag in
	g) gid=$OPTARG ;;
	*) ;;
	esac
done
shift $((OPTIND - 1))
if [ $# -eq 2 ]; then
	sed -i "s/^\($2:[^:]*:[^:]*:\)\(..*\)$/\1\2,$1/; s/^\($2:[^:]*:[^:]*:\)$/\1$1/" /etc/group
	exit
fi
if grep -q "^$1:" /etc/group; then
	echo "addgroup: group '$1' in use" >&2
	exit 1
fi
if [ -z "$gid" ]; then
	gid=1000
	while grep -q "^[^:]*:[^:]*:$gid:" /etc/group; do gid=$((gid + 1)); done
fi
echo "$1:x:$gid:" >>/etc/group
