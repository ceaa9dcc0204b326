#!/usr/bin/env node
// KafkaJS 2.2.4, with its usual codecs. Prints `ok NAME` or `not ok NAME: REASON` per scenario.
//
// The scenarios, their data and time limits are those of ../scenario.py; its Relay is started by ../kafkajs.py, which
// gives its address in KT_INTEROP_RELAY.
'use strict';
const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const readline = require('node:readline');
const zstd = require('@bokuweb/zstd-wasm');
const kafkajs = require('kafkajs');
const lz4 = require('lz4-napi');
const { retried, sendEachPartition } = require('./under-fire.js');

const { CompressionTypes, CompressionCodecs, Kafka, logLevel } = kafkajs;
CompressionCodecs[CompressionTypes.Snappy] = require('kafkajs-snappy');
CompressionCodecs[CompressionTypes.LZ4] = () => ({
  compress: (encoder) => lz4.compressFrame(encoder.buffer),
  decompress: (buffer) => lz4.decompressFrame(buffer),
});
CompressionCodecs[CompressionTypes.ZSTD] = () => ({
  compress: async (encoder) => Buffer.from(zstd.compress(encoder.buffer)),
  decompress: async (buffer) => Buffer.from(zstd.decompress(buffer)),
});

const bootstrap = process.env.KT_INTEROP_BOOTSTRAP;
const unique = (name) => `interop-${process.env.KT_INTEROP_RUN}-kafkajs-${name}`;
const underFire = 'KT_INTEROP_KILLS' in process.env;
const replicationFactor = Number(process.env.KT_INTEROP_REPLICAS ?? 1);
const scenarioMs = underFire ? 120_000 : 60_000;
const sessionMs = 6_000;

const connect = (brokers = bootstrap) =>
  new Kafka({
    brokers: brokers.split(','), clientId: 'interop', logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 20, maxRetryTime: 500, retries: 20 },
  });
const kafka = connect();
const running = [];  // what has to be disconnected or killed after a scenario

async function until(condition, what, ms = 40_000) {
  for (const deadline = Date.now() + ms; ; ) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const again = underFire ? retried : (attempt) => attempt();

/// What the admin client is told. Who is killed under fire gives no answer, and the next broker may then say `already`.
const ask = (question, already) => again(async () => {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await question(admin);
  } catch (problem) {
    const types = [problem, problem.cause, ...(problem.groups ?? []).map(({ error }) => error)].map((each) => each?.type);
    if (underFire && already && types.includes(already)) return undefined;
    throw problem;
  } finally {
    await admin.disconnect();
  }
});

const create = (topic, numPartitions = 1) =>
  ask((admin) => admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor }] }));
const partitionsOf = async (topic) =>
  (await ask((admin) => admin.fetchTopicMetadata({ topics: [topic] }))).topics[0].partitions;
const isListed = async (group) => (await ask((admin) => admin.listGroups())).groups.some(({ groupId }) => groupId === group);

async function produce(topic, messages, options = {}) {
  const producer = kafka.producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner, ...(underFire && { idempotent: true, maxInFlightRequests: 1 }),
  });
  await again(() => producer.connect());
  try {
    if (underFire) await sendEachPartition(producer, topic, await partitionsOf(topic), messages, options);
    else await producer.send({ topic, messages, acks: -1, ...options });
  } finally {
    await producer.disconnect();
  }
}

/// A consumer that keeps what it reads in `seen`.
async function reader(topic, groupId, options = {}) {
  const consumer = kafka.consumer({ groupId, sessionTimeout: sessionMs, heartbeatInterval: 500, maxWaitTimeInMs: 200,
                                    rebalanceTimeout: 10_000 });
  const me = { consumer, seen: [], assigned: [] };
  running.push(() => consumer.disconnect());
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { me.assigned = payload.memberAssignment[topic] ?? []; });
  await again(() => consumer.connect());
  await again(() => consumer.subscribe({ topic, fromBeginning: true }));
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ partition, message }) => {
      // Under fire the group may lose its coordinator, and reads again what nobody committed.
      const isRepeated = underFire && me.seen.some((each) => each.partition === partition && each.offset === message.offset);
      if (!isRepeated) me.seen.push({ partition, ...message });
    },
    ...options,
  });
  return me;
}

async function read(topic, count, seekTo) {
  const me = await reader(topic, unique(`reader-${Math.random().toString(36).slice(2)}`));
  if (seekTo !== undefined) me.consumer.seek({ topic, partition: 0, offset: String(seekTo) });
  // KafkaJS may have fetched from the start before the seek took effect.
  const wanted = () => me.seen.filter((message) => seekTo === undefined || Number(message.offset) >= seekTo);
  await until(() => wanted().length >= count, `${count} messages`);
  return wanted().slice(0, count);
}

const range = (count, text = (i) => `m${i}`) => Array.from({ length: count }, (_, i) => text(i));
const asMessages = (values) => values.map((value) => ({ value }));
const values = (messages) => messages.map((message) => message.value.toString());

const scenarios = {
  async 'create-topics'() {
    const topic = unique('create');
    await create(topic, 3);
    assert.equal((await partitionsOf(topic)).length, 3);
    assert.equal(await create(topic, 3), false);
    await ask((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 5 }] }), 'INVALID_PARTITIONS');
    await until(async () => (await partitionsOf(topic)).length === 5, 'five partitions');
    await ask((admin) => admin.deleteTopics({ topics: [topic] }), 'UNKNOWN_TOPIC_OR_PARTITION');
    await until(async () => !(await ask((admin) => admin.listTopics())).includes(topic), 'the topic to be gone');
  },

  async 'keyed-and-headers'() {
    const topic = unique('keyed');
    await create(topic, 3);
    await produce(topic, range(100, (i) => ({ key: `k${i % 7}`, value: `v${i}`, headers: { n: String(i), empty: '' } })));
    const messages = await read(topic, 100);
    for (let k = 0; k < 7; ++k) {
      const mine = messages.filter((message) => message.key.toString() === `k${k}`);
      assert.equal(new Set(mine.map((message) => message.partition)).size, 1, `partitions of k${k}`);
      assert.deepEqual(values(mine), range(100, (i) => `v${i}`).filter((_, i) => i % 7 === k), `order of k${k}`);
    }
    for (const message of messages) {
      assert.equal(message.headers.n.toString(), message.value.toString().slice(1));
      assert.equal(message.headers.empty.toString(), '');
    }
  },

  async nulls() {
    const topic = unique('nulls');
    await create(topic);
    await produce(topic, [{ key: 'gone', value: null }, { key: null, value: '' }]);
    const [first, second] = await read(topic, 2);
    assert.deepEqual([first.key.toString(), first.value, second.key, second.value.length], ['gone', null, null, 0]);
  },

  async 'consume-from'() {
    const topic = unique('from');
    await create(topic);
    await produce(topic, asMessages(range(10, (i) => `a${i}`)));
    const moment = Date.now() + 2;
    await until(() => Date.now() > moment + 2, 'the clock');
    await produce(topic, asMessages(range(10, (i) => `b${i}`)));
    const both = [...range(10, (i) => `a${i}`), ...range(10, (i) => `b${i}`)];
    assert.deepEqual(values(await read(topic, 20)), both);
    assert.deepEqual((await read(topic, 5, 7)).map((m) => [Number(m.offset), m.value.toString()]),
                     range(5, (i) => [i + 7, both[i + 7]]));
    assert.deepEqual(await ask((admin) => admin.fetchTopicOffsetsByTimestamp(topic, moment)), [{ partition: 0, offset: '10' }]);
    assert.deepEqual(await ask((admin) => admin.fetchTopicOffsets(topic)),
                     [{ partition: 0, offset: '20', high: '20', low: '0' }]);
    assert.deepEqual(values(await read(topic, 10, 10)), both.slice(10));
  },

  async 'group-member-killed'() {
    const topic = unique('group');
    await create(topic, 4);
    await produce(topic, range(40, (i) => ({ key: `k${i}`, value: `before${i}` })));
    const child = spawn(process.execPath, [__filename, '--member', topic, unique('group')], { stdio: ['ignore', 'pipe', 'inherit'] });
    running.push(() => child.kill('SIGKILL'));
    const lines = new Set();
    readline.createInterface({ input: child.stdout }).on('line', (line) => lines.add(line));
    await until(() => lines.size === 40, 'the first messages');
    const second = await reader(topic, unique('group'));
    await until(() => second.assigned.length === 2, 'half of the partitions');
    child.kill('SIGKILL');
    await until(() => second.assigned.length === 4, 'all partitions at the member that is left');
    await produce(topic, range(40, (i) => ({ key: `k${i}`, value: `after${i}` })));
    const after = new Set(range(40, (i) => `after${i}`));
    await until(() => { values(second.seen).forEach((value) => after.delete(value)); return after.size === 0; },
                'all later messages');
  },

  async 'commit-and-resume'() {
    const topic = unique('resume'), group = unique('resume');
    await create(topic);
    await produce(topic, asMessages(range(30)));
    const first = await reader(topic, group);
    await until(() => first.seen.length === 30, 'all messages');
    await first.consumer.commitOffsets([{ topic, partition: 0, offset: '10' }]);
    await first.consumer.disconnect();
    const second = await reader(topic, group);
    await until(() => second.seen.length === 20, 'the rest');
    assert.deepEqual(values(second.seen), range(30).slice(10));
    await second.consumer.disconnect();
    const [committed] = await ask((admin) => admin.fetchOffsets({ groupId: group, topics: [topic] }));
    assert.equal(committed.partitions[0].offset, '10');
    await until(() => isListed(group), 'the group among all');
    await ask((admin) => admin.deleteGroups([group]), 'GROUP_ID_NOT_FOUND');
    await until(async () => !(await isListed(group)), 'the group to be gone');
  },

  async 'idempotent-retry'() {
    const topic = unique('idempotent');
    await create(topic);
    const producer = connect(process.env.KT_INTEROP_RELAY).producer(
      { idempotent: true, maxInFlightRequests: 1, createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
    running.push(() => producer.disconnect());
    await again(() => producer.connect());
    for (let batch = 0; batch < 20; ++batch) {
      await producer.send({ topic, acks: -1, messages: asMessages(range(100, (i) => `m${batch * 100 + i}`)) });
    }
    assert.deepEqual(values(await read(topic, 2000)), range(2000));
  },
};

for (const [codec, compression] of Object.entries(
  { none: 'None', gzip: 'GZIP', snappy: 'Snappy', lz4: 'LZ4', zstd: 'ZSTD' })) {
  scenarios[`produce-codec-${codec}`] = async () => {
    const topic = unique(codec);
    await create(topic);
    const lines = range(500, (i) => `${codec} ${i} ${'abc'.repeat(50)}`);
    await produce(topic, asMessages(lines), { compression: CompressionTypes[compression] });
    assert.deepEqual(values(await read(topic, 500)), lines);
  };
}

async function limited(run) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${scenarioMs} ms`)), scenarioMs);
  });
  try {
    await Promise.race([run(), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function main() {
  const [flag, ...rest] = process.argv.slice(2);
  if (flag === '--member') {
    await reader(rest[0], rest[1], { eachMessage: async ({ message }) => { console.log(message.value.toString()); } });
    return;
  }
  await zstd.init();
  let failed = 0;
  for (const name of flag ? [flag, ...rest] : Object.keys(scenarios)) {
    try {
      await limited(scenarios[name]);
      console.log(`ok ${name}`);
    } catch (problem) {
      ++failed;
      console.log(`not ok ${name}: ${String(problem.message).replace(/\s+/g, ' ').slice(0, 300)}`);
      console.error(problem);
    }
    while (running.length > 0) await running.pop()();
  }
  process.exit(failed ? 1 : 0);
}

main();
