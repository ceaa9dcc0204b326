#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace kt {

/// Keys in the order in which Java walks a HashMap or HashSet that they were put into: bucket by bucket, and
/// within a bucket as they came (the last first, of those that computeIfAbsent() made). Java's sticky
/// assignors let that order decide who keeps what. Not followed where nine keys meet in one bucket of a table
/// of 64 or more, which Java makes a tree.
template <class Key>
class JavaHashOrder {
 public:
  /// As put() and add() do. `key` is not there yet; `hash_code` is what Java's key.hashCode() gives.
  void put(Key key, int32_t hash_code) {
    entries_.push_back(entry_of(key, hash_code));
    thin_out(entries_.back());
    if (is_full()) buckets_ *= 2;
  }
  void compute_if_absent(Key key, int32_t hash_code) {
    if (is_full()) buckets_ *= 2;
    entries_.insert(entries_.begin(), entry_of(key, hash_code));
    thin_out(entries_.front());
  }
  void erase(const Key& key) {
    std::erase_if(entries_, [&](const Entry& entry) { return entry.key == key; });
  }
  bool empty() const { return entries_.empty(); }
  /// The first of at least one.
  const Key& first() const {
    return std::ranges::min_element(entries_, {}, [this](const Entry& e) { return bucket(e); })->key;
  }
  std::vector<Key> keys() const {
    std::vector<Entry> walked = entries_;
    std::ranges::stable_sort(walked, {}, [this](const Entry& e) { return bucket(e); });
    std::vector<Key> keys;
    for (const Entry& entry : walked) keys.push_back(entry.key);
    return keys;
  }

 private:
  static constexpr size_t buckets_of_trees = 64, crowd_max = 8;
  struct Entry {
    Key key;
    uint32_t hash;
  };
  static Entry entry_of(Key key, int32_t hash_code) {
    const auto hash = static_cast<uint32_t>(hash_code);
    return {key, hash ^ (hash >> 16)};
  }
  bool is_full() const { return entries_.size() > buckets_ / 4 * 3; }
  void thin_out(const Entry& entry) {
    if (buckets_ < buckets_of_trees && crowd(entry) > crowd_max) buckets_ *= 2;
  }
  size_t bucket(const Entry& entry) const { return entry.hash & (buckets_ - 1); }
  size_t crowd(const Entry& of) const {
    return static_cast<size_t>(
        std::ranges::count_if(entries_, [&](const Entry& e) { return bucket(e) == bucket(of); }));
  }

  std::vector<Entry> entries_;  // of a bucket, in its order
  size_t buckets_ = 16;         // like Java's, it never shrinks
};

}  // namespace kt
