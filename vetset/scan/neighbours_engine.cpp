#include "vetset/scan/neighbours_engine.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <utility>

namespace vetset {
namespace {

constexpr std::size_t jobs_a_round = 64;
constexpr std::uint32_t codes_a_job = 512;    // of the left list; what a job compares stays in the second-level cache
constexpr std::uint32_t codes_a_block = 512;  // of the right list, at a time
constexpr const char* telling = "searching near-duplicates";

/// How many first bits part so many codes: into eighths, and of very many into sixteenths.
unsigned bits_of_parts(std::size_t codes, std::size_t at_once) {
  if (codes <= at_once) return 0;
  return codes / 8 <= at_once ? 3 : 4;
}

/// The codes of one list by their key in a slot. Hubs are left out.
struct Buckets {
  std::vector<std::uint32_t> ids;      // distinct code by position
  std::vector<std::uint32_t> offsets;  // by key: its first position

  std::uint32_t begin(std::uint32_t key) const { return offsets[key]; }
  std::uint32_t end(std::uint32_t key) const { return offsets[key + 1]; }
};

/// Codes of neighbouring positions, gathered: of all, or of those whose keys begin alike where there are many.
struct Window {
  std::uint32_t first = 0;  // position of the first
  std::vector<std::uint64_t> words[4];

  CodeColumns columns() const { return {{words[0].data(), words[1].data(), words[2].data(), words[3].data()}}; }
};

void fill(Buckets& buckets, const DistinctCodes& codes, const std::vector<std::uint32_t>& degree, std::uint32_t most,
          const Slot& slot, const Pool& pool) {
  constexpr std::uint32_t hub = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> keys(codes.size());
  pool.for_ranges(codes.size(), 1 << 14, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      keys[i] = degree[i] > most ? hub : slot.key(codes.code(static_cast<std::uint32_t>(i)));
  });
  buckets.offsets.assign((std::size_t{1} << slot.bits.size()) + 1, 0);
  for (const std::uint32_t key : keys)
    if (key != hub) ++buckets.offsets[key + 1];
  for (std::size_t k = 1; k < buckets.offsets.size(); ++k) buckets.offsets[k] += buckets.offsets[k - 1];
  buckets.ids.resize(buckets.offsets.back());
  // Each bucket's first position serves as its pen, and is put back after.
  for (std::uint32_t i = 0; i < codes.size(); ++i)
    if (keys[i] != hub) buckets.ids[buckets.offsets[keys[i]]++] = i;
  std::copy_backward(buckets.offsets.begin(), buckets.offsets.end() - 2, buckets.offsets.end() - 1);
  buckets.offsets.front() = 0;
}

void gather(Window& window, const Buckets& buckets, const DistinctCodes& codes, std::uint32_t begin, std::uint32_t end,
            const Pool& pool) {
  window.first = begin;
  for (auto& column : window.words) column.resize(end - begin + CodeColumns::padding);
  pool.for_ranges(end - begin, 1 << 14, [&](std::size_t from, std::size_t to) {
    for (std::size_t p = from; p < to; ++p) {
      const Bits256& code = codes.code(buckets.ids[begin + p]);
      for (std::size_t w = 0; w < 4; ++w) window.words[w][p] = code.words[w];
    }
  });
}

/// All patterns of `bits` bits with at most `radius` ones, those with few ones first.
struct Patterns {
  std::vector<std::uint32_t> of;
  std::vector<std::size_t> counts;  // [k]: how many have at most k ones

  Patterns(unsigned bits, unsigned radius) {
    for (unsigned ones = 0; ones <= radius; ++ones) {
      if (ones <= bits) list(bits, ones, 0);
      counts.push_back(of.size());
    }
  }
  std::span<const std::uint32_t> up_to(unsigned ones) const { return std::span(of).first(counts[ones]); }

 private:
  void list(unsigned bits, unsigned ones, std::uint32_t chosen) {
    if (ones == 0) {
      of.push_back(chosen);
      return;
    }
    for (unsigned b = ones - 1; b < bits; ++b) list(b, ones - 1, chosen | 1u << b);
  }
};

/// Positions of the left list that lie in neighbouring buckets.
struct Job {
  std::uint32_t begin = 0, end = 0;
};
struct Segment {
  std::uint32_t key = 0, begin = 0, end = 0;
};

class Search {
 public:
  Search(const DistinctSearch& search, const Pool& pool) : search_(search), pool_(pool) {
    const auto degrees = [&](const DistinctCodes& codes) {
      std::vector<std::uint32_t> degree(codes.size());
      if (self() && copies_are_near(search_))
        for (std::uint32_t k = 0; k < codes.size(); ++k) degree[k] = codes.copies(k) - 1;
      return degree;
    };
    found_.left_degree = degrees(*search.left);
    if (!self()) found_.right_degree = degrees(*search.right);
  }

  Result<DistinctPairs> run(const Progress& progress) && {
    const auto& slots = search_.plan->slots;
    for (slot_ = 0; slot_ < slots.size(); ++slot_) {
      fill(left_, *search_.left, found_.left_degree, search_.degree, slots[slot_], pool_);
      if (!self()) fill(right_, *search_.right, found_.right_degree, search_.degree, slots[slot_], pool_);
      VETSET_DO(run_slot(progress));
      drop_hubs();
    }
    progress.tell(telling, slots.size() * 1000, slots.size() * 1000);
    return std::move(found_);
  }

 private:
  bool self() const { return search_.right == nullptr; }
  const Slot& slot() const { return search_.plan->slots[slot_]; }
  const Buckets& right() const { return self() ? left_ : right_; }
  std::vector<std::uint32_t>& right_degree() { return self() ? found_.left_degree : found_.right_degree; }

  Result<void> run_slot(const Progress& progress) {
    make_tiles();
    const auto key_bits = static_cast<unsigned>(slot().bits.size());
    const Patterns low(tile_bits_, slot().radius);
    const std::vector<std::vector<std::uint32_t>> high = high_patterns(key_bits);
    flipped_key_ = slot().key(search_.flips);
    const std::uint32_t flipped_part = flipped_key_ >> (key_bits - part_bits_), parts = 1u << part_bits_;
    for (std::uint32_t part = 0; part < parts; ++part) {
      const std::vector<Job> jobs = jobs_of(part);
      if (jobs.empty()) continue;
      look_at(left_window_, left_, *search_.left, part);
      for (std::uint32_t differ = 0; differ < parts; ++differ) {
        const std::uint32_t other = part ^ flipped_part ^ differ;
        if (high[differ].empty() || (self() && other < part)) continue;
        same_window_ = self() && other == part;
        if (!same_window_) look_at(right_window_, right(), self() ? *search_.left : *search_.right, other);
        const std::size_t step = (std::size_t{part} << part_bits_) + differ;
        VETSET_DO(run_jobs(jobs, high[differ], low, progress, step));
      }
    }
    return {};
  }

  /// `step`: of the pairs of parts, the how manieth this is.
  Result<void> run_jobs(const std::vector<Job>& jobs, const std::vector<std::uint32_t>& high, const Patterns& low,
                        const Progress& progress, std::size_t step) {
    std::vector<std::vector<Hit>> hits(std::min(jobs.size(), jobs_a_round));
    for (std::size_t first = 0; first < jobs.size(); first += jobs_a_round) {
      if (progress.stopped()) return Error{Code::cancelled, std::string("stopped while ") + telling};
      const std::size_t done = (step * 1000 + first * 1000 / jobs.size()) >> (2 * part_bits_);
      progress.tell(telling, slot_ * 1000 + done, search_.plan->slots.size() * 1000);
      const std::size_t count = std::min(jobs_a_round, jobs.size() - first);
      pool_.for_each(count, [&](std::size_t k) { hits[k] = run_job(jobs[first + k], high, low); });
      for (std::size_t k = 0; k < count; ++k) accept(hits[k]);
    }
    return {};
  }

  /// Where the codes of a list lie whose keys begin with a part's bits.
  Job positions_of(const Buckets& buckets, std::uint32_t part) const {
    const std::size_t rest = slot().bits.size() - part_bits_;
    return {buckets.offsets[std::size_t{part} << rest], buckets.offsets[(std::size_t{part} + 1) << rest]};
  }
  void look_at(Window& window, const Buckets& buckets, const DistinctCodes& codes, std::uint32_t part) const {
    const Job at = positions_of(buckets, part);
    gather(window, buckets, codes, at.begin, at.end, pool_);
  }

  /// By the first bits of the key that differ: how all bits above those in a tile may.
  std::vector<std::vector<std::uint32_t>> high_patterns(unsigned key_bits) const {
    const unsigned bits = key_bits - tile_bits_;
    std::vector<std::vector<std::uint32_t>> high(std::size_t{1} << part_bits_);
    for (const std::uint32_t pattern : Patterns(bits, slot().radius).of)
      high[pattern >> (bits - part_bits_)].push_back(pattern);
    return high;
  }

  /// Tiles are buckets whose keys have their upper bits in common, so that what neighbours them are tiles too; a part
  /// is made of tiles.
  void make_tiles() {
    const auto key_bits = static_cast<unsigned>(slot().bits.size());
    const std::size_t count = std::max(left_.ids.size(), right().ids.size());
    part_bits_ = std::min(bits_of_parts(count, search_.at_once), key_bits);
    const auto lefts = static_cast<std::uint32_t>(left_.ids.size());
    tile_bits_ = 0;
    while (tile_bits_ < key_bits - part_bits_ && (std::uint64_t{lefts} << (tile_bits_ + 1) >> key_bits) <= codes_a_job)
      ++tile_bits_;
  }

  std::vector<Job> jobs_of(std::uint32_t part) const {
    std::vector<Job> jobs;
    const std::size_t tiles = std::size_t{1} << (slot().bits.size() - part_bits_ - tile_bits_);
    for (std::size_t tile = part * tiles; tile < (part + 1) * tiles; ++tile) {
      const std::uint32_t end = left_.offsets[(tile + 1) << tile_bits_];
      for (std::uint32_t p = left_.offsets[tile << tile_bits_]; p < end;) {
        const std::uint32_t until = end - p < 2 * codes_a_job ? end : p + codes_a_job;
        jobs.push_back({p, until});
        p = until;
      }
    }
    return jobs;
  }

  std::vector<Segment> segments_of(const Job& job) const {
    std::vector<Segment> segments;
    auto key = static_cast<std::uint32_t>(std::upper_bound(left_.offsets.begin(), left_.offsets.end(), job.begin) -
                                          left_.offsets.begin() - 1);
    for (std::uint32_t p = job.begin; p < job.end; ++key) {
      const std::uint32_t end = std::min(left_.end(key), job.end);
      if (p < end) segments.push_back({key, p, end});
      p = std::max(p, end);
    }
    return segments;
  }

  struct State {
    Job job;
    std::vector<std::uint32_t> met;  // hits by left position of the job
    std::vector<std::uint8_t> done;  // those that are hubs by now
    std::vector<Hit> hits;
  };

  std::vector<Hit> run_job(const Job& job, const std::vector<std::uint32_t>& high, const Patterns& low) const {
    State state{
        job, std::vector<std::uint32_t>(job.end - job.begin), std::vector<std::uint8_t>(job.end - job.begin), {}};
    const std::vector<Segment> segments = segments_of(job);
    for (const std::uint32_t upper : high) {
      const unsigned rest = slot().radius - static_cast<unsigned>(std::popcount(upper));
      for (const Segment& segment : segments) {
        for (const std::uint32_t lower : low.up_to(rest)) {
          const std::uint32_t other = segment.key ^ flipped_key_ ^ upper << tile_bits_ ^ lower;
          if (self() && other < segment.key) continue;
          if (right().begin(other) != right().end(other)) join(state, segment, other);
        }
      }
    }
    return std::move(state.hits);
  }

  const Window& right_window() const { return same_window_ ? left_window_ : right_window_; }

  void join(State& state, const Segment& segment, std::uint32_t other) const {
    const std::uint32_t left_first = left_window_.first, right_first = right_window().first;
    JoinTask task{.left = left_window_.columns(),
                  .right = right_window().columns(),
                  .radius = search_.radius,
                  .flips = search_.flips};
    task.left_begin = segment.begin - left_first;
    task.left_end = segment.end - left_first;
    task.done = state.done.data() + (segment.begin - state.job.begin);
    const bool same = self() && other == segment.key;
    const std::uint32_t begin = same ? segment.begin : right().begin(other);
    for (std::uint32_t j = begin, until = 0; j < right().end(other); j = until) {
      until = std::min(right().end(other), j + codes_a_block);
      task.right_begin = j - right_first;
      task.right_end = until - right_first;
      task.triangle = same && j < segment.end;
      const std::size_t before = state.hits.size();
      search_.kernel->join(task, state.hits);
      if (state.hits.size() != before) sift(state, before);
    }
  }

  /// Keeps of the new hits what an earlier slot has not met and the caller wants; turns positions into distinct codes.
  void sift(State& state, std::size_t from) const {
    const CodeColumns left = left_window_.columns(), right_columns = right_window().columns();
    std::size_t kept = from;
    for (std::size_t h = from; h < state.hits.size(); ++h) {
      const Hit& hit = state.hits[h];
      if (met_before(left.code(hit.left), right_columns.code(hit.right))) continue;
      const std::uint32_t position = hit.left + left_window_.first;
      const std::uint32_t a = left_.ids[position], b = right().ids[hit.right + right_window().first];
      if (search_.dropped && search_.dropped(a, b)) continue;
      const std::uint32_t row = position - state.job.begin;
      if (++state.met[row] > search_.degree) state.done[row] = 1;
      state.hits[kept++] = {a, b, hit.distance};
    }
    state.hits.resize(kept);
  }

  bool met_before(Bits256 a, const Bits256& b) const {
    for (std::size_t w = 0; w < 4; ++w) a.words[w] ^= search_.flips.words[w];
    for (std::size_t s = 0; s < slot_; ++s)
      if (search_.plan->slots[s].holds(a, b)) return true;
    return false;
  }

  void accept(std::vector<Hit>& hits) {
    auto& left_degree = found_.left_degree;
    auto& others_degree = right_degree();
    const DistinctCodes& others = self() ? *search_.left : *search_.right;
    const std::size_t before = found_.pairs.size();
    for (const Hit& hit : hits) {
      add(left_degree[hit.left], others.copies(hit.right));
      add(others_degree[hit.right], search_.left->copies(hit.left));
    }
    for (const Hit& hit : hits)
      if (left_degree[hit.left] <= search_.degree && others_degree[hit.right] <= search_.degree)
        found_.pairs.push_back({hit.left, hit.right, hit.distance});
    if (found_.pairs.size() != before && found_.pairs.size() > next_sweep_) {
      drop_hubs();
      next_sweep_ = std::max(next_sweep_, 2 * found_.pairs.size());
    }
    hits = std::vector<Hit>();
  }

  static void add(std::uint32_t& degree, std::uint32_t count) {
    degree = count > ~degree ? ~std::uint32_t{0} : degree + count;
  }

  void drop_hubs() {
    std::erase_if(found_.pairs, [&](const NearPair& pair) {
      return found_.left_degree[pair.first] > search_.degree || right_degree()[pair.second] > search_.degree;
    });
  }

  const DistinctSearch& search_;
  const Pool& pool_;
  std::size_t slot_ = 0;
  unsigned tile_bits_ = 0, part_bits_ = 0;  // of a key: its lowest, and its highest
  std::uint32_t flipped_key_ = 0;
  Buckets left_, right_;
  Window left_window_, right_window_;
  bool same_window_ = false;  // then the left one serves both
  DistinctPairs found_;
  std::size_t next_sweep_ = 1 << 22;
};

/// By place: the first that holds an equal code. Where there are many, they are sorted a part at a time, by their first
/// bits, so that what is sorted stays small beside the codes.
std::vector<std::uint32_t> first_places(const CodeList& codes, std::size_t at_once) {
  struct Key {
    std::uint64_t word;
    std::uint32_t place;
  };
  std::vector<std::uint32_t> first(codes.size());
  const unsigned bits = bits_of_parts(codes.size(), at_once);
  for (std::uint64_t part = 0; part < std::uint64_t{1} << bits; ++part) {
    std::vector<Key> keys;
    keys.reserve(codes.size() >> bits);
    for (std::uint32_t i = 0; i < codes.size(); ++i)
      if (const std::uint64_t word = codes[i].words[0]; bits == 0 || word >> (64 - bits) == part)
        keys.push_back({word, i});
    std::sort(keys.begin(), keys.end(), [&](const Key& a, const Key& b) {
      if (a.word != b.word) return a.word < b.word;
      if (const auto order = codes[a.place] <=> codes[b.place]; order != 0) return order < 0;
      return a.place < b.place;
    });
    for (std::size_t k = 0; k < keys.size(); ++k) {
      const bool repeats =
          k > 0 && keys[k].word == keys[k - 1].word && codes[keys[k].place] == codes[keys[k - 1].place];
      first[keys[k].place] = repeats ? first[keys[k - 1].place] : keys[k].place;
    }
  }
  return first;
}

}  // namespace

DistinctCodes distinct_codes(const CodeList& codes, std::size_t at_once) {
  const auto count = static_cast<std::uint32_t>(codes.size());
  std::vector<std::uint32_t> first = first_places(codes, at_once);
  std::uint32_t different = 0;
  for (std::uint32_t i = 0; i < count; ++i) different += first[i] == i ? 1U : 0U;
  DistinctCodes distinct{.codes = codes, .all_differ = different == count};
  if (distinct.all_differ) return distinct;

  std::vector<std::uint32_t> number = std::move(first);  // by place: of its distinct code
  std::vector<std::uint32_t>& starts = distinct.starts;
  starts.reserve(std::size_t{different} + 1);
  starts.push_back(0);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool is_new = number[i] == i;
    number[i] = is_new ? static_cast<std::uint32_t>(starts.size() - 1) : number[number[i]];
    if (is_new) starts.push_back(0);
    ++starts[number[i] + 1];
  }
  for (std::size_t k = 1; k < starts.size(); ++k) starts[k] += starts[k - 1];
  distinct.members.resize(count);
  // Each code's start serves as its pen, and is put back after.
  for (std::uint32_t i = 0; i < count; ++i) distinct.members[starts[number[i]]++] = i;
  std::copy_backward(starts.begin(), starts.end() - 2, starts.end() - 1);
  starts.front() = 0;
  return distinct;
}

bool copies_are_near(const DistinctSearch& search) { return distance({}, search.flips) <= search.radius; }

Result<DistinctPairs> search_distinct(const DistinctSearch& search, const Pool& pool, const Progress& progress) {
  return Search(search, pool).run(progress);
}

}  // namespace vetset
