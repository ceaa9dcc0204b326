#include "libbroker/node/fetch_session_handler.h"

#include <utility>

namespace kt::node {

bool FetchSessionHandler::is_told(const Key& key, const Position& at) const {
  const auto found = told_.find(key);
  return found != told_.end() && found->second.at == at;
}

bool FetchSessionHandler::is_told_of(const Key& key, int32_t leader_epoch) const {
  const auto found = told_.find(key);
  return found != told_.end() && found->second.at.leader_epoch == leader_epoch;
}

void FetchSessionHandler::forget(const Key& key) {
  if (told_.erase(key) > 0) forgotten_.insert(key);
}

uint64_t FetchSessionHandler::write(wire::FetchRequest& request, const std::vector<Named>& named,
                                    int32_t partition_bytes_max) {
  ++last_number_;
  if (!is_open()) restart();
  request.session_id = id_;
  request.session_epoch = next_epoch_;
  for (const auto& [key, at] : named) {
    if (request.topics.empty() || request.topics.back().topic_id != key.first)
      request.topics.push_back({.topic_id = key.first});
    request.topics.back().partitions.push_back({.partition = key.second,
                                                .current_leader_epoch = at.leader_epoch,
                                                .fetch_offset = at.offset,
                                                .last_fetched_epoch = at.last_epoch,
                                                .log_start_offset = at.log_start,
                                                .partition_max_bytes = partition_bytes_max});
    told_.insert_or_assign(key, Told{at, last_number_});
    forgotten_.erase(key);  // it has not been said yet
  }
  for (const Key& key : std::exchange(forgotten_, {})) {
    auto& topics = request.forgotten_topics_data;
    if (topics.empty() || topics.back().topic_id != key.first) topics.push_back({.topic_id = key.first});
    topics.back().partitions.push_back(key.second);
  }
  if (is_open()) next_epoch_ = next_epoch_ == INT32_MAX ? 1 : next_epoch_ + 1;
  return last_number_;
}

std::optional<FetchSessionHandler::Position> FetchSessionHandler::said(const Key& key,
                                                                       uint64_t number) const {
  const auto found = told_.find(key);
  if (found == told_.end() || found->second.number > number) return std::nullopt;
  return found->second.at;
}

void FetchSessionHandler::answered(int32_t session_id) {
  if (is_open()) {
    if (session_id != id_) reset();  // the leader has closed it
    return;
  }
  id_ = session_id;
  is_refused_ = session_id == no_session;
  if (!is_refused_) next_epoch_ = opening + 1;
}

void FetchSessionHandler::restart() {
  next_epoch_ = opening;
  told_.clear();
  forgotten_.clear();
}

void FetchSessionHandler::reset() {
  id_ = no_session;
  is_refused_ = false;
  restart();
}

}  // namespace kt::node
