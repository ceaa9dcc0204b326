#!/usr/bin/env node
// KafkaJS while leaders move (../scenario.py, follow_moving_leaders): `write TOPIC` sends the lines KEY:VALUE of its input,
// `read TOPIC` prints PARTITION OFFSET VALUE. Any error that reaches the application ends it.
'use strict';
const readline = require('node:readline');
const { Kafka, Partitioners, logLevel } = require('kafkajs');
const { retried, sendEachPartition } = require('./under-fire.js');

const kafka = new Kafka({
  brokers: process.env.KT_INTEROP_BOOTSTRAP.split(','), clientId: 'interop', logLevel: logLevel.NOTHING,
  retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 30 },
});

async function write(topic) {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, createPartitioner: Partitioners.DefaultPartitioner });
  const admin = kafka.admin();
  await retried(() => admin.connect());
  const partitionMetadata = (await retried(() => admin.fetchTopicMetadata({ topics: [topic] }))).topics[0].partitions;
  await admin.disconnect();
  await retried(() => producer.connect());
  const waiting = [];
  let ended = false, told = () => {};
  readline.createInterface({ input: process.stdin })
    .on('line', (line) => { waiting.push(line); told(); })
    .on('close', () => { ended = true; told(); });
  while (!ended || waiting.length > 0) {
    if (waiting.length === 0) await new Promise((resolve) => { told = resolve; });
    const messages = waiting.splice(0).map((line) => line.split(':')).map(([key, value]) => ({ key, value }));
    await sendEachPartition(producer, topic, partitionMetadata, messages);
  }
  await producer.disconnect();
}

async function read(topic) {
  const consumer = kafka.consumer({ groupId: topic, sessionTimeout: 10_000, heartbeatInterval: 500, maxWaitTimeInMs: 200 });
  await retried(() => consumer.connect());
  await retried(() => consumer.subscribe({ topic, fromBeginning: true }));
  await consumer.run({
    eachMessage: async ({ partition, message }) => { console.log(`${partition} ${message.offset} ${message.value}`); },
  });
}

const [what, topic] = process.argv.slice(2);
(what === 'write' ? write(topic) : read(topic)).catch((problem) => {
  console.error(`error: ${problem}`);
  process.exit(1);
});
