// What an application of KafkaJS does while brokers are killed.
'use strict';
const { Partitioners } = require('kafkajs');

/// That no broker answered is null to KafkaJS (cluster/brokerPool.js, withBroker), of which its admin reads on.
const nobodyAnswered = (problem) => problem instanceof TypeError && problem.message.includes("(reading 'topicMetadata')");

/// Asks again what is neither a send nor a group's: KafkaJS gives that up with the connection, though it says it is retriable.
async function retried(attempt) {
  for (;;) {
    try {
      return await attempt();
    } catch (problem) {
      if (!problem.retriable && !nobodyAnswered(problem)) throw problem;
    }
  }
}

/// A send for each partition. Of several KafkaJS does not send again what is for one whose leader is now a broker that has
/// answered for others (producer/sendMessages.js, brokersWithoutResponse), of whatever cluster.
async function sendEachPartition(producer, topic, partitionMetadata, messages, options = {}) {
  const partitionOf = Partitioners.DefaultPartitioner();
  const ofPartition = new Map();
  for (const message of messages) {
    const partition = partitionOf({ topic, partitionMetadata, message });
    if (!ofPartition.has(partition)) ofPartition.set(partition, []);
    ofPartition.get(partition).push({ ...message, partition });
  }
  for (const each of ofPartition.values()) await producer.send({ topic, acks: -1, messages: each, ...options });
}

module.exports = { retried, sendEachPartition };
