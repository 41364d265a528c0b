#!/bin/sh
# Makes docker/secrets/ for compose.yaml: random where randomness will do, empty for the bots' tokens. What is there
# stays. Run as root, so that each file can belong to the user of the container that reads it, and to nobody else.
#   sh docker/make-secrets.sh [FOLDER]
set -eu
umask 077

BUNRI=10001
POSTGRES=999
folder=${1:-$(dirname "$0")/secrets}
mkdir -p "$folder"

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }

# put NAME OWNER: what comes in becomes the file, whole at once
put() {
  draft="$folder/.$1.$$"
  cat >"$draft"
  chmod 0400 "$draft"
  if [ "$(id -u)" = 0 ]; then chown "$2:$2" "$draft"; fi
  mv "$draft" "$folder/$1"
}

missing() { [ ! -e "$folder/$1" ]; }

if missing bunri_secret; then random | put bunri_secret "$BUNRI"; fi
if missing inference_token; then random | put inference_token "$BUNRI"; fi
# The password twice: the server and the clients are different users, and each wants a file of its own.
if missing database_password; then random | put database_password "$POSTGRES"; fi
if missing database_passfile; then
  printf 'database:5432:bunri:bunri:%s\n' "$(cat "$folder/database_password")" | put database_passfile "$BUNRI"
fi
for bot in telegram discord; do
  if missing "${bot}_token"; then printf '' | put "${bot}_token" "$BUNRI"; fi
done

if [ "$(id -u)" != 0 ]; then
  echo "not root: give $folder/database_password to user $POSTGRES and the other files to user $BUNRI (chown)" >&2
fi
echo "in $folder: put the bots' tokens into telegram_token and discord_token, and back up bunri_secret"
