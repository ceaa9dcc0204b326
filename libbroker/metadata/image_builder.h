#pragma once
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "libbroker/metadata/image.h"

namespace kt::metadata {

/// A record that cannot follow those before it: the log is damaged, or was written by something else.
struct ReplayError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What differs between an image and its predecessor.
struct Changes {
  std::set<Uuid> topics;  // created, changed or deleted
  std::set<int32_t> brokers, controllers;
  std::set<ConfigResource> configs;
  bool features = false, producer_ids = false, quotas = false, acls = false, credentials = false;
  bool empty() const {
    return topics.empty() && brokers.empty() && controllers.empty() && configs.empty() && !features &&
           !producer_ids && !quotas && !acls && !credentials;
  }
};

/// The one writer of images: applies records to a copy of one, live and at replay alike, and freezes it once
/// per batch. Records of a metadata transaction wait in the image until it ends.
class ImageBuilder {
 public:
  explicit ImageBuilder(const Image& base);
  /// Throws ReplayError; the builder is of no use afterwards.
  void apply(const Record& record);
  const Changes& changes() const { return changes_; }
  /// The new image; the builder is used up.
  Image freeze(const Provenance& provenance) &&;

 private:
  /// A topic that this batch touches.
  struct OpenTopic {
    std::string name;
    SharedMap<int32_t, Shared<Partition>>::Builder partitions;
  };

  void apply_now(const Record& record);
  void on(const wire::RegisterBrokerRecord& r);
  void on(const wire::UnregisterBrokerRecord& r);
  void on(const wire::FenceBrokerRecord& r);
  void on(const wire::UnfenceBrokerRecord& r);
  void on(const wire::BrokerRegistrationChangeRecord& r);
  void on(const wire::RegisterControllerRecord& r);
  void on(const wire::TopicRecord& r);
  void on(const wire::PartitionRecord& r);
  void on(const wire::PartitionChangeRecord& r);
  void on(const wire::RemoveTopicRecord& r);
  void on(const wire::ClearElrRecord& r);
  void on(const wire::ConfigRecord& r);
  void on(const wire::FeatureLevelRecord& r);
  void on(const wire::ProducerIdsRecord& r);
  void on(const wire::ClientQuotaRecord& r);
  void on(const wire::AccessControlEntryRecord& r);
  void on(const wire::RemoveAccessControlEntryRecord& r);
  void on(const wire::UserScramCredentialRecord& r);
  void on(const wire::RemoveUserScramCredentialRecord& r);
  void on(const wire::DelegationTokenRecord& r);
  void on(const wire::RemoveDelegationTokenRecord& r);
  void on(const wire::NoOpRecord&) {}
  void on(const wire::ZkMigrationStateRecord&) {}
  void on(const wire::BeginTransactionRecord&);
  void on(const wire::EndTransactionRecord&);
  void on(const wire::AbortTransactionRecord&);

  OpenTopic& open_topic(const Uuid& id);
  void clear_elr(const Uuid& topic_id);
  void change_broker(int32_t id, int64_t epoch, const char* action, auto&& change);

  Image image_;  // the maps below stand in for its own until freeze()
  decltype(Image::topics)::Builder topics_;
  decltype(Image::topic_ids)::Builder topic_ids_;
  decltype(Image::brokers)::Builder brokers_;
  decltype(Image::controllers)::Builder controllers_;
  decltype(Image::configs)::Builder configs_;
  decltype(Image::features)::Builder features_;
  decltype(Image::quotas)::Builder quotas_;
  decltype(Image::acls)::Builder acls_;
  decltype(Image::scram_credentials)::Builder scram_credentials_;
  decltype(Image::delegation_tokens)::Builder delegation_tokens_;
  std::map<Uuid, OpenTopic> open_topics_;
  std::optional<std::vector<Record>> transaction_;
  Changes changes_;
};

/// `partition` after `change`: a leader named raises the leader epoch, anything raises the partition epoch.
Partition changed(const Partition& partition, const wire::PartitionChangeRecord& change);

}  // namespace kt::metadata
