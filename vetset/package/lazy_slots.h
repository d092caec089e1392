// Things that are made when they are first asked for, each once, and then stay. For the files of this room.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "vetset/base/result.h"

namespace vetset {

/// Slot i is made by the thread that first asks for it; others who ask wait. One that could not be made is tried again.
/// The mutexes are among the few outside pool.cpp: a package is shared by threads, and what it keeps is its own affair.
template <class Thing>
class LazySlots {
 public:
  explicit LazySlots(std::size_t count) : slots_(count) {}
  ~LazySlots() {
    for (Slot& slot : slots_) delete slot.made.load(std::memory_order_acquire);
  }
  LazySlots(const LazySlots&) = delete;
  LazySlots& operator=(const LazySlots&) = delete;

  /// `make` gives a Result<Thing>.
  template <class Make>
  Result<const Thing*> get(std::size_t i, Make&& make) const {
    Slot& slot = slots_[i];
    if (const Thing* made = slot.made.load(std::memory_order_acquire)) return made;
    const std::lock_guard lock(slot.mutex);
    if (const Thing* made = slot.made.load(std::memory_order_acquire)) return made;
    VETSET_TRY(Thing thing, make());
    const Thing* const made = new Thing(std::move(thing));
    slot.made.store(made, std::memory_order_release);
    return made;
  }

 private:
  struct Slot {
    std::mutex mutex;
    std::atomic<const Thing*> made = nullptr;
  };
  mutable std::vector<Slot> slots_;
};

}  // namespace vetset
