#!/bin/sh
# Makes the topics of docs/architecture.md where they are missing. KAFKA_BROKERS, REPLICATION.
set -eu
for topic in traces metrics logs alerts aggregates lake dlq; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server "$KAFKA_BROKERS" --create --if-not-exists \
    --topic "observability.$topic" --partitions 6 --replication-factor "$REPLICATION"
done
