#pragma once
#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

namespace kt::metadata {

/// An immutable ordered map of which versions share what did not change between them: entries lie in sorted
/// buckets of at most 64, a version is the list of its buckets. Made and changed by its Builder alone; a copy
/// is one pointer. Readers on any thread may hold any version.
template <class K, class V>
class SharedMap {
 public:
  using Entry = std::pair<K, V>;
  using Bucket = std::vector<Entry>;
  static constexpr size_t bucket_entries_max = 64;

  class Builder;
  class Iterator {
   public:
    using value_type = Entry;
    using difference_type = std::ptrdiff_t;
    using reference = const Entry&;
    using pointer = const Entry*;
    using iterator_category = std::forward_iterator_tag;
    Iterator() = default;
    Iterator(const SharedMap* map, size_t bucket, size_t entry) : map_(map), bucket_(bucket), entry_(entry) {}
    const Entry& operator*() const { return (*map_->state_->buckets[bucket_])[entry_]; }
    const Entry* operator->() const { return &**this; }
    Iterator& operator++() {
      if (++entry_ == map_->state_->buckets[bucket_]->size()) ++bucket_, entry_ = 0;
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const SharedMap* map_ = nullptr;
    size_t bucket_ = 0, entry_ = 0;
  };

  Iterator begin() const { return {this, 0, 0}; }
  Iterator end() const { return {this, state_ ? state_->buckets.size() : 0, 0}; }
  size_t size() const { return state_ ? state_->size : 0; }
  bool empty() const { return size() == 0; }

  /// The value at `key`, alive as long as this version; nullptr when there is none.
  template <class Key>
  const V* find(const Key& key) const {
    if (!state_) return nullptr;
    const auto bucket = std::ranges::upper_bound(state_->buckets, key, {}, first_key);
    if (bucket == state_->buckets.begin()) return nullptr;
    const Bucket& entries = **std::prev(bucket);
    const auto entry = std::ranges::lower_bound(entries, key, {}, &Entry::first);
    return entry != entries.end() && entry->first == key ? &entry->second : nullptr;
  }
  template <class Key>
  bool contains(const Key& key) const {
    return find(key) != nullptr;
  }
  /// The first entry whose key is not less than `key`.
  template <class Key>
  Iterator lower_bound(const Key& key) const {
    if (!state_) return end();
    auto bucket = std::ranges::upper_bound(state_->buckets, key, {}, first_key);
    if (bucket != state_->buckets.begin()) --bucket;
    if (bucket == state_->buckets.end()) return end();
    const auto entry = std::ranges::lower_bound(**bucket, key, {}, &Entry::first);
    const auto index = static_cast<size_t>(bucket - state_->buckets.begin());
    if (entry == (*bucket)->end()) return {this, index + 1, 0};
    return {this, index, static_cast<size_t>(entry - (*bucket)->begin())};
  }

  friend bool operator==(const SharedMap& a, const SharedMap& b) {
    return a.state_ == b.state_ || (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()));
  }
  /// How many buckets two versions have in common.
  friend size_t shared_buckets(const SharedMap& a, const SharedMap& b) {
    if (!a.state_ || !b.state_) return 0;
    return static_cast<size_t>(std::ranges::count_if(a.state_->buckets, [&](const auto& bucket) {
      return std::ranges::find(b.state_->buckets, bucket) != b.state_->buckets.end();
    }));
  }
  size_t bucket_count() const { return state_ ? state_->buckets.size() : 0; }

 private:
  struct State {
    std::vector<std::shared_ptr<const Bucket>> buckets;  // none empty
    size_t size = 0;
  };
  static const K& first_key(const std::shared_ptr<const Bucket>& bucket) { return bucket->front().first; }

  std::shared_ptr<const State> state_;  // null: empty
};

/// Changes a copy of one version; a bucket is copied when it is first changed.
template <class K, class V>
class SharedMap<K, V>::Builder {
 public:
  explicit Builder(SharedMap base = {}) : base_(std::move(base)), size_(base_.size()) {}

  template <class Key>
  const V* find(const Key& key) const {
    if (!changed_) return base_.find(key);
    const size_t at = slot_of(key);
    if (at == slots_.size()) return nullptr;
    const Bucket& entries = slots_[at].entries();
    const auto entry = std::ranges::lower_bound(entries, key, {}, &Entry::first);
    return entry != entries.end() && entry->first == key ? &entry->second : nullptr;
  }

  void set(const K& key, V value) {
    open();
    if (slots_.empty()) {
      slots_.push_back({.own = std::make_unique<Bucket>()});
      slots_.front().own->emplace_back(key, std::move(value));
      ++size_;
      return;
    }
    const size_t found = slot_of(key);
    const size_t at = found == slots_.size() ? 0 : found;
    Bucket& entries = slots_[at].writable();
    const auto entry = std::ranges::lower_bound(entries, key, {}, &Entry::first);
    if (entry != entries.end() && entry->first == key) {
      entry->second = std::move(value);
      return;
    }
    entries.emplace(entry, key, std::move(value));
    ++size_;
    if (entries.size() > bucket_entries_max) split(at);
  }

  /// Whether there was one.
  template <class Key>
  bool erase(const Key& key) {
    if (!find(key)) return false;
    open();
    const size_t at = slot_of(key);
    Bucket& entries = slots_[at].writable();
    entries.erase(std::ranges::lower_bound(entries, key, {}, &Entry::first));
    if (entries.empty()) slots_.erase(slots_.begin() + static_cast<std::ptrdiff_t>(at));
    --size_;
    return true;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// The new version; the builder is used up.
  SharedMap freeze() && {
    if (!changed_) return std::move(base_);
    SharedMap map;
    if (slots_.empty()) return map;
    auto state = std::make_shared<State>();
    state->size = size_;
    state->buckets.reserve(slots_.size());
    for (Slot& slot : slots_)
      state->buckets.push_back(slot.own ? std::shared_ptr<const Bucket>(std::move(slot.own))
                                        : std::move(slot.shared));
    map.state_ = std::move(state);
    return map;
  }

 private:
  struct Slot {
    std::shared_ptr<const Bucket> shared = {};
    std::unique_ptr<Bucket> own = {};  // once changed
    const Bucket& entries() const { return own ? *own : *shared; }
    Bucket& writable() {
      if (!own) own = std::make_unique<Bucket>(*shared), shared.reset();
      return *own;
    }
  };

  void open() {
    if (std::exchange(changed_, true) || !base_.state_) return;
    for (const auto& bucket : base_.state_->buckets) slots_.push_back({.shared = bucket});
  }

  /// The slot in which `key` is or belongs; slots_.size() when it is before all.
  template <class Key>
  size_t slot_of(const Key& key) const {
    const auto next = std::ranges::upper_bound(
        slots_, key, {}, [](const Slot& slot) -> const K& { return slot.entries().front().first; });
    return next == slots_.begin() ? slots_.size() : static_cast<size_t>(next - slots_.begin()) - 1;
  }

  void split(size_t at) {
    Bucket& entries = slots_[at].writable();
    const auto middle = entries.begin() + static_cast<std::ptrdiff_t>(entries.size() / 2);
    auto upper =
        std::make_unique<Bucket>(std::make_move_iterator(middle), std::make_move_iterator(entries.end()));
    entries.erase(middle, entries.end());
    slots_.insert(slots_.begin() + static_cast<std::ptrdiff_t>(at) + 1, Slot{.own = std::move(upper)});
  }

  SharedMap base_;
  std::vector<Slot> slots_;  // in key order, once changed
  bool changed_ = false;
  size_t size_;
};

}  // namespace kt::metadata
