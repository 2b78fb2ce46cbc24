#!/bin/sh
# Installs Debian packages without starting, now or at the next boot, the system services that come with them.
# Runs to its end by itself: stopping dpkg half-way, or leaving the policy behind, would harm the machine.
set -eu
policy=/usr/sbin/policy-rc.d
mark='placed by storewright for the time of an installation'

if [ -e "$policy" ] && ! grep -q "$mark" "$policy"; then
  status=0
  "$policy" rabbitmq-server start >/dev/null 2>&1 || status=$?
  if [ "$status" -ne 101 ]; then
    echo "$policy lets packages start their services: install $* yourself." >&2
    exit 3
  fi
else
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\n# %s\nexit 101\n' "$mark" >"$policy"
  chmod 755 "$policy"
fi

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 APT_LISTCHANGES_FRONTEND=none
installed() { dpkg-query --show --showformat='${db:Status-Status}\n' "$1" 2>/dev/null | grep -qx installed; }

fresh=
for service in rabbitmq-server:rabbitmq-server erlang-base:epmd; do
  installed "${service%%:*}" || fresh="$fresh ${service##*:}"
done

# Some releases only have the package with its version in the name.
named() {
  versioned=
  if ! apt-cache show "$1" >/dev/null 2>&1; then versioned=$(apt-cache pkgnames "$1-" | sort -V | tail -n 1); fi
  echo "${versioned:-$1}"
}
install() {
  names=
  for package in "$@"; do names="$names $(named "$package")"; done
  # shellcheck disable=SC2086 # the list is meant to be split
  apt-get install --yes --no-install-recommends --no-remove -o DPkg::Lock::Timeout=300 $names
}

install "$@" || { apt-get update -o DPkg::Lock::Timeout=300 && install "$@"; }

# As `systemctl disable`, which containers lack: what came with the packages does not start at the next boot.
for service in $fresh; do
  rm -f "/etc/systemd/system/"*".wants/$service.service" "/etc/systemd/system/"*".wants/$service.socket"
  if [ -e "/etc/init.d/$service" ]; then update-rc.d "$service" disable >/dev/null 2>&1 || true; fi
done
if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
