#!/bin/sh
# Entry point of the Alertmanager container: puts the webhook's address into the configuration.
set -eu
: "${ALERT_WEBHOOK_URL:?set it to the address that receives alerts}"
sed "s|@ALERT_WEBHOOK_URL@|$ALERT_WEBHOOK_URL|" /etc/alertmanager/alertmanager.yml >/tmp/alertmanager.yml
exec /bin/alertmanager --config.file=/tmp/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address= "$@"
