#include "libbroker/node/quorum_state_file.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "libbroker/wire/json.h"
#include "libbroker/wire/state_files.h"

namespace kt::node {

std::string quorum_state_path(const std::string& directory) { return directory + "/quorum-state"; }

Result<std::optional<raft::Ballot>> read_quorum_state(Disk& disk, const std::string& directory) {
  const std::string path = quorum_state_path(directory);
  const auto exists = disk.exists(path);
  if (!exists) return fail(exists.error());
  if (!*exists) return std::nullopt;
  const auto text = disk.read_all(path);
  if (!text) return fail(text.error());
  return parse_quorum_state(*text, path);
}

Result<raft::Ballot> parse_quorum_state(const std::string& text, const std::string& path) {
  try {
    const auto json = nlohmann::json::parse(text);
    raft::Ballot ballot;
    ballot.epoch = json.at("leaderEpoch").get<int32_t>();
    if (const int32_t leader = json.at("leaderId"); leader >= 0) ballot.leader_id = leader;
    if (const int32_t voted = json.at("votedId"); voted >= 0) {
      const auto directory_id = Uuid::parse(json.value("votedDirectoryId", std::string()));
      ballot.voted_for = raft::ReplicaKey{voted, directory_id.value_or(Uuid{})};
    }
    return ballot;
  } catch (const nlohmann::json::exception& error) {
    return fail(ErrorCode::kafka_storage_error,
                fmt::format("{} cannot be understood: {}", path, error.what()));
  }
}

Result<void> write_quorum_state(Disk& disk, const std::string& directory, const raft::Ballot& ballot,
                                const raft::VoterHistory::Entry& voters) {
  wire::QuorumStateData data;
  data.leader_id = ballot.leader_id.value_or(-1);
  data.leader_epoch = ballot.epoch;
  data.voted_id = ballot.voted_for ? ballot.voted_for->id : -1;
  const int16_t version = voters.kraft_version == 0 ? 0 : 1;
  if (version == 0) {
    for (const raft::Voter& voter : voters.voters.all()) data.current_voters->push_back({voter.key.id});
  } else if (ballot.voted_for) {
    data.voted_directory_id = ballot.voted_for->directory_id;
  }
  std::string json = wire::to_json(data, version);
  json.insert(json.size() - 1, fmt::format(",\"data_version\":{}", version));
  return disk.replace(quorum_state_path(directory), json);
}

}  // namespace kt::node
