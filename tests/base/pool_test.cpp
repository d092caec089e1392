#include "vetset/base/pool.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <new>
#include <stdexcept>
#include <thread>
#include <vector>

using namespace vetset;

namespace {

/// A source of the numbers 0, 1, … count - 1.
std::function<Result<std::optional<int>>()> numbers(int count) {
  return [i = 0, count]() mutable -> Result<std::optional<int>> {
    if (i == count) return std::optional<int>();
    return std::optional<int>(i++);
  };
}

/// Takes longer for some items than for others, so that parts are ready out of order.
void dawdle(int i) { std::this_thread::sleep_for(std::chrono::microseconds((i * 7919) % 5 * 60)); }

}  // namespace

TEST_CASE("a pool of 0 threads takes what the machine has") {
  CHECK(Pool(0).threads() >= 1);
  CHECK(Pool(3).threads() == 3);
}

TEST_CASE("every piece is done exactly once") {
  for (const unsigned threads : {1U, 2U, 7U})
    for (const std::size_t count : {0U, 1U, 2U, 1000U}) {
      std::vector<std::atomic<int>> done(count);
      Pool(threads).for_each(count, [&](std::size_t i) { ++done[i]; });
      for (const auto& times : done) CHECK(times == 1);
    }
}

TEST_CASE("ranges cover everything once, and only the last one is short") {
  for (const unsigned threads : {1U, 3U})
    for (const std::size_t count : {0U, 1U, 9U, 10U, 11U, 100U}) {
      std::vector<std::atomic<int>> done(count);
      Pool(threads).for_ranges(count, 10, [&](std::size_t begin, std::size_t end) {
        CHECK((end - begin == 10 || end == count));
        for (std::size_t i = begin; i < end; ++i) ++done[i];
      });
      for (const auto& times : done) CHECK(times == 1);
    }
}

TEST_CASE("an exception in a piece reaches the caller") {
  for (const unsigned threads : {1U, 4U})
    CHECK_THROWS_AS(Pool(threads).for_each(100,
                                           [](std::size_t i) {
                                             if (i == 40) throw std::bad_alloc();
                                           }),
                    std::bad_alloc);
}

TEST_CASE("parts are accepted in the order of their items") {
  for (const unsigned threads : {1U, 2U, 5U}) {
    std::vector<int> accepted;
    const auto done = Pool(threads).in_order<int, int>(
        numbers(300),
        [](int& i) -> Result<int> {
          dawdle(i);
          return 2 * i;
        },
        [&](int&& part) -> Result<void> {
          accepted.push_back(part);
          return {};
        });
    CHECK(done);
    REQUIRE(accepted.size() == 300);
    for (int i = 0; i < 300; ++i) CHECK(accepted[static_cast<std::size_t>(i)] == 2 * i);
  }
}

TEST_CASE("at most two items a thread are held at once") {
  std::atomic<int> held = 0;
  std::atomic<int> most = 0;
  const auto next = [&, source = numbers(200)]() mutable -> Result<std::optional<int>> {
    auto item = source();
    if (item && *item) {
      const int now = ++held;
      if (now > most) most = now;
    }
    return item;
  };
  const auto done = Pool(3).in_order<int, int>(
      next, [](int& i) -> Result<int> { return i; },
      [&](int&& i) -> Result<void> {
        dawdle(i);
        --held;
        return {};
      });
  CHECK(done);
  CHECK(most <= 6);
  CHECK(held == 0);
}

TEST_CASE("next and accept run on one thread at a time") {
  int inside_next = 0;  // no atomics: a thread sanitizer would see two threads here
  int inside_accept = 0;
  auto source = numbers(500);
  const auto done = Pool(4).in_order<int, int>(
      [&]() -> Result<std::optional<int>> {
        ++inside_next;
        return source();
      },
      [](int& i) -> Result<int> { return i; },
      [&](int&&) -> Result<void> {
        ++inside_accept;
        return {};
      });
  CHECK(done);
  CHECK(inside_next == 501);
  CHECK(inside_accept == 500);
}

TEST_CASE("the first error in the order of items wins, and what came before it is accepted") {
  for (const unsigned threads : {1U, 2U, 6U})
    for (int repeat = 0; repeat < 20; ++repeat) {
      int accepted = 0;
      const auto done = Pool(threads).in_order<int, int>(
          numbers(100),
          [](int& i) -> Result<int> {
            if (i == 20) dawdle(4);
            if (i == 20 || i == 21 || i == 23) return Error{Code::malformed, "item " + std::to_string(i)};
            return i;
          },
          [&](int&&) -> Result<void> {
            ++accepted;
            return {};
          });
      REQUIRE(!done);
      CHECK(done.error().message == "item 20");
      CHECK(accepted == 20);
    }
}

TEST_CASE("a failing source ends the work after its last item") {
  for (const unsigned threads : {1U, 4U}) {
    int accepted = 0;
    auto source = numbers(100);
    const auto done = Pool(threads).in_order<int, int>(
        [&, given = 0]() mutable -> Result<std::optional<int>> {
          if (given++ == 30) return Error{Code::io, "the disk is gone"};
          return source();
        },
        [](int& i) -> Result<int> {
          dawdle(i);
          return i;
        },
        [&](int&&) -> Result<void> {
          ++accepted;
          return {};
        });
    REQUIRE(!done);
    CHECK(done.error().code == Code::io);
    CHECK(accepted == 30);
  }
}

TEST_CASE("nothing is accepted after accept has failed") {
  for (const unsigned threads : {1U, 4U}) {
    int accepted = 0;
    const auto done = Pool(threads).in_order<int, int>(
        numbers(1000), [](int& i) -> Result<int> { return i; },
        [&](int&& i) -> Result<void> {
          ++accepted;
          if (i == 10) return Error{Code::io, "no space left"};
          return {};
        });
    REQUIRE(!done);
    CHECK(done.error().message == "no space left");
    CHECK(accepted == 11);
  }
}

TEST_CASE("exhausted memory in a piece is an error, not an end") {
  for (const unsigned threads : {1U, 3U}) {
    const auto done = Pool(threads).in_order<int, int>(
        numbers(10),
        [](int& i) -> Result<int> {
          if (i == 4) throw std::bad_alloc();
          if (i == 6) throw std::runtime_error("later");
          return i;
        },
        [](int&&) -> Result<void> { return {}; });
    REQUIRE(!done);
    CHECK(done.error().code == Code::limit);
  }
}
