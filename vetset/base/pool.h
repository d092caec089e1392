// The one place where vetset starts threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "vetset/base/result.h"

namespace vetset {

/// Runs independent pieces of work on a fixed number of threads. Passed as an argument, never global.
class Pool {
 public:
  /// `threads` counts the caller; 0 takes what the machine has.
  explicit Pool(unsigned threads = 1);

  unsigned threads() const { return threads_; }

  /// Calls `work(i)` for every i below `count`, in any order, and returns when all are done.
  /// `work` writes only to what belongs to i; then the outcome does not depend on the schedule.
  void for_each(std::size_t count, const std::function<void(std::size_t)>& work) const;

  /// The same over ranges [begin, end) of about `grain` pieces, where one piece is too small for a call.
  void for_ranges(std::size_t count, std::size_t grain,
                  const std::function<void(std::size_t begin, std::size_t end)>& work) const;

  /// A pipeline with one order: `next` gives items until it gives none (one thread at a time), `work` turns each into a
  /// part (any thread), `accept` takes the parts in the order of their items (one thread at a time). At most
  /// `2 * threads` items are held at once. The first error, in item order, ends it.
  template <class Item, class Part>
  Result<void> in_order(const std::function<Result<std::optional<Item>>()>& next,
                        const std::function<Result<Part>(Item&)>& work,
                        const std::function<Result<void>(Part&&)>& accept) const {
    return run_in_order(
        [&]() -> Result<std::shared_ptr<void>> {
          VETSET_TRY(std::optional<Item> item, next());
          if (!item) return std::shared_ptr<void>();
          return std::shared_ptr<void>(std::make_shared<Item>(std::move(*item)));
        },
        [&](std::shared_ptr<void>& item) -> Result<std::shared_ptr<void>> {
          VETSET_TRY(Part part, work(*static_cast<Item*>(item.get())));
          item.reset();
          return std::shared_ptr<void>(std::make_shared<Part>(std::move(part)));
        },
        [&](std::shared_ptr<void>& part) -> Result<void> {
          return accept(std::move(*static_cast<Part*>(part.get())));
        });
  }

 private:
  Result<void> run_in_order(const std::function<Result<std::shared_ptr<void>>()>& next,
                            const std::function<Result<std::shared_ptr<void>>(std::shared_ptr<void>&)>& work,
                            const std::function<Result<void>(std::shared_ptr<void>&)>& accept) const;

  unsigned threads_;
};

}  // namespace vetset
