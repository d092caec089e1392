// A value by text, for as many texts as there are files: one flat table, so that neither filling nor forgetting it
// costs an allocation an entry. The texts outlive it. It cannot be walked: its order would be nobody's business.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace vetset {

template <class Value>
class TextIndex {
 public:
  /// Room for so many texts.
  void reserve(std::size_t count) {
    std::size_t slots = 16;
    while (slots < count * 2) slots *= 2;
    if (slots > slots_.size()) resize(slots);
  }
  /// What is there already stays: the value that holds for the text now, and whether it is the new one.
  std::pair<Value*, bool> try_emplace(std::string_view text, Value value) {
    if (slots_.size() < (count_ + 1) * 2) resize(slots_.empty() ? 16 : slots_.size() * 2);
    const std::size_t hash = hash_of(text);
    Slot& slot = slots_[place_of(text, hash)];
    if (slot.text.data() != nullptr) return {&slot.value, false};
    slot = {text, hash, std::move(value)};
    ++count_;
    return {&slot.value, true};
  }
  /// Null where the text is not known.
  const Value* find(std::string_view text) const {
    if (count_ == 0) return nullptr;
    const Slot& slot = slots_[place_of(text, hash_of(text))];
    return slot.text.data() == nullptr ? nullptr : &slot.value;
  }
  bool contains(std::string_view text) const { return find(text) != nullptr; }

 private:
  struct Slot {
    std::string_view text = {};  // without data: free
    std::size_t hash = 0;
    Value value{};
  };
  static std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }
  /// Where the text is, or would be.
  std::size_t place_of(std::string_view text, std::size_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].text.data() != nullptr && (slots_[at].hash != hash || slots_[at].text != text))
      at = (at + 1) & mask;
    return at;
  }
  void resize(std::size_t slots) {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
    for (Slot& slot : old)
      if (slot.text.data() != nullptr) slots_[place_of(slot.text, slot.hash)] = std::move(slot);
  }

  std::vector<Slot> slots_;  // a power of two, half of them free at least
  std::size_t count_ = 0;
};

}  // namespace vetset
