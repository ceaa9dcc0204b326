#include "libcli/term/table.h"

#include <gtest/gtest.h>

#include <sstream>

#include "libcli/term/text.h"

namespace kt::term {
namespace {

template <class T>
std::string printed(const T& table) {
  std::ostringstream out;
  table.print(out);
  return out.str();
}

TEST(Text, WidthCountsCharacters) {
  EXPECT_EQ(width_of("caf\u00e9"), 4u);
  EXPECT_EQ(padded("caf\u00e9", 6), "caf\u00e9  ");
  EXPECT_EQ(padded("longer", 3), "longer");
}

TEST(Text, WrapsAtBlanks) {
  EXPECT_EQ(wrapped("one two three", 7), (std::vector<std::string>{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 7, 2), (std::vector<std::string>{"one two", "  three"}));
  EXPECT_EQ(wrapped("a verylongword b", 6), (std::vector<std::string>{"a", "verylongword", "b"}));
  EXPECT_EQ(wrapped("first\nsecond", 20), (std::vector<std::string>{"first", "second"}));
  EXPECT_EQ(wrapped("", 20), (std::vector<std::string>{""}));
}

TEST(PaddedTable, LooksLikeKafkasGroupList) {
  PaddedTable table({{"GROUP", 25}, {"TYPE", 20}, {"STATE", 20}}, PaddedTable::LastColumn::padded);
  table.add({"billing", "Classic", "Stable"});
  EXPECT_EQ(printed(table),
            "GROUP                     TYPE                 STATE               \n"
            "billing                   Classic              Stable              \n");
}

TEST(PaddedTable, MayEndEachLineWithABlank) {
  PaddedTable table({{"HOST", 5}, {"#", 3}}, PaddedTable::LastColumn::padded_and_blank);
  table.add({"h", "1"});
  EXPECT_EQ(printed(table), "HOST  #   \nh     1   \n");
}

TEST(PaddedTable, LeavesTheLastColumnAsItIs) {
  PaddedTable table({{"GROUP", 15, true}, {"LAG", 5}, {"CLIENT-ID"}});
  table.add({"billing", "", "console"});
  table.add({"a-group-of-twenty-two-", "1234567", ""});
  EXPECT_EQ(printed(table),
            "GROUP                  LAG   CLIENT-ID\n"
            "billing                -     console\n"
            "a-group-of-twenty-two- 1234567 -\n");
}

TEST(TabbedTable, PadsThenTabs) {
  TabbedTable table({"TransactionalId", "Coordinator", "ProducerId", "TransactionState"});
  table.add({"pay-1", "1", "4000", "Ongoing"});
  table.add({"pay-2", "1", "4001", "CompleteCommit"});
  EXPECT_EQ(printed(table),
            "TransactionalId\tCoordinator\tProducerId\tTransactionState\t\n"
            "pay-1          \t1          \t4000      \tOngoing         \t\n"
            "pay-2          \t1          \t4001      \tCompleteCommit  \t\n");
}

TEST(KeyValues, AreTabbed) {
  EXPECT_EQ(key_values({{"Topic", "orders"}, {"PartitionCount", "2"}, {"Elr", ""}}),
            "Topic: orders\tPartitionCount: 2\tElr: ");
}

// The expected text was printed by jopt-simple 5.0.4.
TEST(TwoColumns, LookLikeJoptsHelp) {
  TwoColumns small("Option (* = required)", "Description");
  small.add("-a", "flag a");
  small.add("--num [Integer: x]", "num opt (default: 5)");
  small.add("* --req <String: r>", "must");
  EXPECT_EQ(printed(small),
            "Option (* = required)  Description         \n"
            "---------------------  -----------         \n"
            "-a                     flag a              \n"
            "--num [Integer: x]     num opt (default: 5)\n"
            "* --req <String: r>    must                \n");

  TwoColumns wide("Option", "Description");
  wide.add("--partition-size-limit-per-response <Integer: maximum number of partitions per response>",
           "The maximum partition size to be included in one DescribeTopicPartitions response.");
  wide.add(
      "--replica-assignment <String: broker_id_for_part1_replica1 : broker_id_for_part1_replica2 , "
      "broker_id_for_part2_replica1 : broker_id_for_part2_replica2 , ...>",
      "A list of manual partition-to-broker assignments for the topic being created or altered.");
  EXPECT_EQ(printed(wide),
            "Option                                   Description                            \n"
            "------                                   -----------                            \n"
            "--partition-size-limit-per-response      The maximum partition size to be       \n"
            "  <Integer: maximum number of              included in one                      \n"
            "  partitions per response>                 DescribeTopicPartitions response.    \n"
            "--replica-assignment <String:            A list of manual partition-to-broker   \n"
            "  broker_id_for_part1_replica1 :           assignments for the topic being      \n"
            "  broker_id_for_part1_replica2 ,           created or altered.                  \n"
            "  broker_id_for_part2_replica1 :                                                \n"
            "  broker_id_for_part2_replica2 , ...>                                           \n");
}

}  // namespace
}  // namespace kt::term
