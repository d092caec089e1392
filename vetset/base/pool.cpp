#include "vetset/base/pool.h"

#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace vetset {
namespace {

/// Processors that this process may use: fewer than the machine has under taskset or in a container.
unsigned available_processors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) == 0) return std::max(1U, static_cast<unsigned>(CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

/// Runs `body` on `threads` threads, the caller being one of them. Fewer threads do where the system gives no more.
/// `body` throws nothing.
void run_on(std::size_t threads, const std::function<void()>& body) {
  std::vector<std::jthread> others;
  try {
    others.reserve(threads - 1);
    while (others.size() + 1 < threads) others.emplace_back(body);
  } catch (const std::system_error&) {
  } catch (const std::bad_alloc&) {
  }
  body();
}

using Held = std::shared_ptr<void>;
using Next = std::function<Result<Held>()>;
using Work = std::function<Result<Held>(Held&)>;
using Accept = std::function<Result<void>(Held&)>;

/// Calls a step of a pipeline; what the standard library throws becomes an error.
template <class Step, class... Arguments>
auto guarded(const Step& step, Arguments&... arguments) -> decltype(step(arguments...)) {
  try {
    return step(arguments...);
  } catch (const std::bad_alloc&) {
    return Error{Code::limit, "there is not enough memory for this"};
  } catch (const std::exception& e) {
    return Error{Code::defect, std::string("unexpected exception: ") + e.what()};
  }
}

Result<void> run_inline(const Next& next, const Work& work, const Accept& accept) {
  for (;;) {
    VETSET_TRY(Held item, guarded(next));
    if (!item) return {};
    VETSET_TRY(Held part, guarded(work, item));
    VETSET_DO(guarded(accept, part));
  }
}

/// The state of one run_in_order. Items are numbered as `next` gives them; number i lives in slot i modulo their count
/// from when it is taken until its part is accepted, so an error is met when all before it are accepted.
class Pipeline {
 public:
  Pipeline(std::size_t slots, const Next& next, const Work& work, const Accept& accept)
      : slots_(slots), next_(next), work_(work), accept_(accept) {}

  /// What each thread runs, until there is nothing left to do.
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      if (can_accept()) {
        accept_one(lock);
      } else if (can_take()) {
        take_one(lock);
      } else if (exhausted_ && !taking_ && accepted_ == taken_) {
        return;
      } else {
        changed_.wait(lock);
      }
    }
  }

  Result<void> outcome() && { return std::move(outcome_); }

 private:
  struct Slot {
    bool ready = false;
    Result<Held> part = Held();
  };

  bool can_accept() const { return !accepting_ && accepted_ < taken_ && slots_[accepted_ % slots_.size()].ready; }
  bool can_take() const { return !exhausted_ && !taking_ && taken_ - accepted_ < slots_.size(); }

  void accept_one(std::unique_lock<std::mutex>& lock) {
    Slot& slot = slots_[accepted_ % slots_.size()];
    accepting_ = true;
    lock.unlock();
    Result<void> done = slot.part ? guarded(accept_, *slot.part) : Result<void>(std::move(slot.part).error());
    slot.part = Held();
    lock.lock();
    slot.ready = false;
    accepting_ = false;
    ++accepted_;
    if (!done) {
      outcome_ = std::move(done);
      stopped_ = true;
    }
    changed_.notify_all();
  }

  void take_one(std::unique_lock<std::mutex>& lock) {
    taking_ = true;
    lock.unlock();
    Result<Held> item = guarded(next_);
    lock.lock();
    taking_ = false;
    if (item && !*item) {
      exhausted_ = true;
      changed_.notify_all();
      return;
    }
    Slot& slot = slots_[taken_ % slots_.size()];
    ++taken_;
    if (item) {
      changed_.notify_all();  // another thread may take the next
      lock.unlock();
      item = guarded(work_, *item);
      lock.lock();
    }
    if (!item) exhausted_ = true;  // nothing after an error is wanted
    slot.part = std::move(item);
    slot.ready = true;
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  std::size_t taken_ = 0;
  std::size_t accepted_ = 0;
  bool taking_ = false;
  bool accepting_ = false;
  bool exhausted_ = false;
  bool stopped_ = false;
  Result<void> outcome_;
  const Next& next_;
  const Work& work_;
  const Accept& accept_;
};

}  // namespace

Pool::Pool(unsigned threads) : threads_(threads == 0 ? available_processors() : threads) {}

void Pool::for_each(std::size_t count, const std::function<void(std::size_t)>& work) const {
  const std::size_t threads = std::min<std::size_t>(threads_, count);
  if (threads <= 1) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::atomic<std::size_t> next = 0;
  std::mutex failing;
  std::size_t failed_at = std::numeric_limits<std::size_t>::max();
  std::exception_ptr failure;
  run_on(threads, [&] {
    for (;;) {
      const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
      if (i >= count) return;
      try {
        work(i);
      } catch (...) {
        const std::lock_guard lock(failing);
        if (i < failed_at) {
          failed_at = i;
          failure = std::current_exception();
        }
        next.store(count, std::memory_order_relaxed);
      }
    }
  });
  if (failure) std::rethrow_exception(failure);
}

void Pool::for_ranges(std::size_t count, std::size_t grain,
                      const std::function<void(std::size_t begin, std::size_t end)>& work) const {
  const std::size_t size = std::max<std::size_t>(grain, 1);
  const std::size_t ranges = count / size + (count % size != 0 ? 1 : 0);
  for_each(ranges, [&](std::size_t i) { work(i * size, i + 1 == ranges ? count : (i + 1) * size); });
}

Result<void> Pool::run_in_order(const Next& next, const Work& work, const Accept& accept) const {
  if (threads_ == 1) return run_inline(next, work, accept);
  Pipeline pipeline(std::size_t{2} * threads_, next, work, accept);
  run_on(threads_, [&] { pipeline.run(); });
  return std::move(pipeline).outcome();
}

}  // namespace vetset
