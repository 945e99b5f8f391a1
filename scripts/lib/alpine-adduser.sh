#!/bin/sh
# adduser [-D] [-S] [-H] [-h HOME] [-u UID] [-G GROUP] [-s SHELL] [-g GECOS] USER, as Alpine's busybox has it.
set -eu
uid='' home='' group='' shell=/bin/sh make_home=yes gecos=
while getopts DSHh:u:G:s:g: flag; do
	case $flag in
	u) uid=$OPTARG ;;
	h) home=$OPTARG ;;
	G) group=$OPTARG ;;
	s) shell=$OPTARG ;;
	g) gecos=$OPTARG ;;
	H) make_home=no ;;
	*) ;;
	esac
done
shift $((OPTIND - 1))
if grep -q "^$1:" /etc/passwd; then
	echo "adduser: user '$1' in use" >&2
	exit 1
fi
if [ -z "$uid" ]; then
	uid=1000
	while grep -q "^[^:]*:[^:]*:$uid:" /etc/passwd; do uid=$((uid + 1)); done
fi
if [ -z "$group" ]; then
	group=$1
	if ! grep -q "^$group:" /etc/group; then addgroup -g "$uid" "$group"; fi
fi
gid=$(sed -n "s/^$group:[^:]*:\([0-9]*\):.*/\1/p" /etc/group)
: "${home:=/home/$1}"
echo "$1:x:$uid:$gid:$gecos:$home:$shell" >>/etc/passwd
if [ "$make_home" = yes ]; then
	mkdir -p "$home"
	chown "$uid:$gid" "$home"
fi
