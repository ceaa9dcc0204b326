#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace kt::lab {

/// The folder that training texts of 2017 speak of, as far as it is the same for everyone:
///
///     .kt-era                                    in kafka/: whose outputs to print, and where replicas are
///     placed kafka/config/*.properties                  the keys and values that came with Kafka 0.10.2
///     kafka/lab2 -> ../lab2                      since the text copies to kafka/lab2/config what it has made
///     lab2/config for lab1/solution/*.sh  lab2/solution/*.sh     what the reader is told to type
///
/// kafka/bin/*.sh, which are all this program, are not among them.
inline constexpr std::string_view training_folder = "kafka-training";

struct TrainingFile {
  std::string path;  // in the folder
  std::string text;
  bool is_script = false;  // to be run
};
struct TrainingLink {
  std::string path, target;
};

std::vector<TrainingFile> training_files();
std::vector<TrainingLink> training_links();
/// Folders that stay empty for the reader.
std::vector<std::string> training_folders();

}  // namespace kt::lab
