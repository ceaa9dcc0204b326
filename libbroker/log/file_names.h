#pragma once
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kt {
class Rng;
}

namespace kt::log {

struct TopicPartition {
  std::string topic;
  int32_t partition = 0;
  auto operator<=>(const TopicPartition&) const = default;
};

/// Suffixes of the files of a segment; before them stand 20 digits of its base offset. A producer snapshot
/// has the offset up to which it is valid instead.
inline constexpr std::string_view log_suffix = ".log", offset_index_suffix = ".index",
                                  time_index_suffix = ".timeindex", txn_index_suffix = ".txnindex",
                                  snapshot_suffix = ".snapshot";
/// Behind them: about to be removed, being written by the cleaner, complete but not yet in the place of what
/// it replaces.
inline constexpr std::string_view deleted_suffix = ".deleted", cleaned_suffix = ".cleaned",
                                  swap_suffix = ".swap";

/// "00000000000000000042.log"
std::string file_name(int64_t offset, std::string_view suffix);
/// "directory/00000000000000000042.log"
std::string file_path(std::string_view directory, int64_t offset, std::string_view suffix);

/// What a file of a partition's directory is by its name.
struct FileName {
  int64_t offset = 0;
  std::string_view suffix;  // of the five
  std::string_view state;   // empty, deleted_suffix, cleaned_suffix or swap_suffix
};
/// None for files that are not a segment's. The result's views are constants.
std::optional<FileName> parse_file_name(std::string_view name);

/// A directory of a log dir.
struct PartitionDirectory {
  enum class State { live, deleted, future, stray };
  TopicPartition partition;
  State state = State::live;
};
/// From "topic-3", or "topic-3.<unique>-delete", -future, -stray. None for any other name.
std::optional<PartitionDirectory> parse_directory_name(std::string_view name);
/// "topic-3"
std::string directory_name(const TopicPartition& partition);
/// "topic-3.0123…ef-delete" with 32 random hex digits, the topic cut so that the name has at most 255
/// characters.
std::string directory_name(const TopicPartition& partition, PartitionDirectory::State state, Rng& rng);

}  // namespace kt::log
