#include <algorithm>
#include <cmath>
#include <map>

#include "vetset/scan/links_by_name.h"
#include "vetset/scan/one_view.h"
#include "vetset/scan/shown.h"

namespace vetset {
namespace {

struct Frame {
  std::uint64_t counter = 0;
  std::uint32_t image = 0;
  auto operator<=>(const Frame&) const = default;
};

/// Numbered files of one name in one folder, by number.
struct Series {
  std::string name;
  std::vector<Frame> frames;
  std::vector<std::uint16_t> steps;  // upright distances of consecutive frames
  std::vector<std::uint64_t> gaps;   // of their numbers
};

enum class Verdict : std::uint8_t { no, sequence, one_view };

template <class T>
T median_of(std::vector<T> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The chance that `n` independent shares of strangers multiply to this or less (Fisher 1925): the tail of χ² with 2n
/// degrees of freedom, as a Poisson sum.
double fisher_tail(double sum_of_logs, std::size_t n) {
  const double half = -sum_of_logs;
  double term = std::exp(-half), tail = term;
  if (term == 0) return half > static_cast<double>(n) ? 0 : 1;  // hundreds of steps: the caller has seen their median
  for (std::size_t k = 1; k < n; ++k) tail += term *= half / static_cast<double>(k);
  return std::min(1.0, tail);
}

class Sequences {
 public:
  Sequences(const NameEvidence& e, const Pool& pool) : e_(e), pool_(pool) {}

  Result<void> find(const Progress& progress, Links& out) {
    collect();
    std::vector<Verdict> verdicts(series_.size());
    constexpr std::size_t block = 64;
    for (std::size_t begin = 0; begin < series_.size(); begin += block) {
      if (progress.stopped()) return Error{Code::cancelled, "stopped while looking for sequences"};
      pool_.for_each(std::min(block, series_.size() - begin),
                     [&](std::size_t k) { verdicts[begin + k] = judge(series_[begin + k]); });
    }
    for (std::size_t s = 0; s < series_.size(); ++s)
      if (verdicts[s] != Verdict::no) chain(series_[s], verdicts[s], out);
    return {};
  }

 private:
  void collect() {
    std::map<std::pair<std::string_view, std::string_view>, std::vector<Frame>> by_name;
    for (std::uint32_t i = 0; i < e_.names.size(); ++i) {
      const NameGrammar& name = e_.names[i];
      if (!name.counter || e_.is_tile[i] || !e_.pixels[i].decoded()) continue;
      by_name[{name.folder, name.series}].push_back({*name.counter, i});
    }
    for (auto& [key, frames] : by_name) {
      std::string name = (key.first.empty() ? "" : std::string(key.first) + "/") + std::string(key.second);
      std::sort(frames.begin(), frames.end());
      const auto same_number = [](const Frame& a, const Frame& b) { return a.counter == b.counter; };
      if (std::adjacent_find(frames.begin(), frames.end(), same_number) == frames.end()) {
        add(std::move(name), std::move(frames));
        continue;
      }
      // Every split counts for itself: "train/0001.jpg" and "test/0001.jpg".
      std::map<std::string_view, std::vector<Frame>> by_folder;
      for (const Frame& f : frames) by_folder[folder_of(e_.d.path(static_cast<ImageIndex>(f.image)))].push_back(f);
      for (auto& [folder, own] : by_folder) {
        own.erase(std::unique(own.begin(), own.end(), same_number), own.end());
        add(std::string(folder) + "/" + std::string(key.second), std::move(own));
      }
    }
  }

  void add(std::string name, std::vector<Frame> frames) {
    constexpr std::size_t least_frames = 3;
    if (frames.size() < least_frames) return;
    Series s{.name = std::move(name), .frames = std::move(frames), .steps = {}, .gaps = {}};
    for (std::size_t k = 1; k < s.frames.size(); ++k) {
      s.steps.push_back(static_cast<std::uint16_t>(between(s.frames[k - 1], s.frames[k])));
      s.gaps.push_back(s.frames[k].counter - s.frames[k - 1].counter);
    }
    series_.push_back(std::move(s));
  }

  unsigned between(const Frame& a, const Frame& b) const {
    return upright_distance(e_.pixels[a.image].fingerprint, e_.pixels[b.image].fingerprint);
  }

  Verdict judge(const Series& s) const {
    const unsigned median = median_of(s.steps);
    constexpr double rare = 0.1;
    if (median > e_.usual.upright_within(rare)) return Verdict::no;
    double logs = 0;
    for (const std::uint16_t step : s.steps) logs += std::log(e_.usual.share(step));
    constexpr double chance = 1e-4;
    if (fisher_tail(logs, s.steps.size()) > chance / static_cast<double>(series_.size())) return Verdict::no;
    if (nearer_than_far_frames(s, median)) return Verdict::sequence;
    return stands_still(s) ? Verdict::one_view : Verdict::no;
  }

  /// Pictures of one kind (faces, slides) are all alike, whatever their order. In a sequence, frames far apart are not
  /// as alike as consecutive ones. Too few frames have none that are far apart.
  bool nearer_than_far_frames(const Series& s, unsigned median) const {
    const std::size_t n = s.frames.size(), away = std::max<std::size_t>(n / 4, 2);
    constexpr std::size_t least_frames = 12;
    if (n < least_frames) return true;
    std::vector<std::uint16_t> far;
    const std::size_t stride = 1 + n / 512;
    for (std::size_t i = 0; i + away < n; i += stride)
      for (const std::size_t j : {i + away, std::min(i + 2 * away, n - 1)})
        far.push_back(static_cast<std::uint16_t>(between(s.frames[i], s.frames[j])));
    std::sort(far.begin(), far.end());
    return median <= far[far.size() / 10];
  }

  /// A fixed camera: most consecutive frames have their background in one place.
  bool stands_still(const Series& s) const {
    constexpr std::size_t most_pairs = 12;
    const std::size_t stride = 1 + s.steps.size() / most_pairs;
    std::size_t looked = 0, still = 0;
    for (std::size_t k = 0; k < s.steps.size(); k += stride) {
      const auto a =
          shown_luma(e_.d, e_.media, e_.facts[s.frames[k].image], static_cast<ImageIndex>(s.frames[k].image));
      const auto b =
          shown_luma(e_.d, e_.media, e_.facts[s.frames[k + 1].image], static_cast<ImageIndex>(s.frames[k + 1].image));
      if (!a || !b) continue;
      ++looked;
      if (compare_views(view_of(*a), view_of(*b)).agree >= same_view) ++still;
    }
    return looked > 0 && 2 * still >= looked;
  }

  /// First to next, but for jumps of the numbers where the picture changes too: another sequence began.
  void chain(const Series& s, Verdict verdict, Links& out) const {
    constexpr std::uint64_t jump = 8;  // times the usual step
    const std::uint64_t usual_gap = median_of(s.gaps);
    const unsigned strange = e_.usual.upright_within(0.1);
    const auto text = static_cast<std::uint32_t>(out.texts.size());
    out.texts.push_back("sequence " + s.name + (verdict == Verdict::one_view ? ", fixed camera" : ""));
    for (std::size_t k = 0; k < s.steps.size(); ++k) {
      if (s.gaps[k] > jump * usual_gap && s.steps[k] > strange) continue;
      const std::uint32_t a = s.frames[k].image, b = s.frames[k + 1].image;
      out.links.push_back({.first = static_cast<ImageIndex>(std::min(a, b)),
                           .second = static_cast<ImageIndex>(std::max(a, b)),
                           .kind = LinkKind::sequence,
                           .distance = s.steps[k],
                           .text = text});
    }
  }

  const NameEvidence& e_;
  const Pool& pool_;
  std::vector<Series> series_;
};

}  // namespace

Result<void> link_sequences(const NameEvidence& e, const Pool& pool, const Progress& progress, Links& out) {
  return Sequences(e, pool).find(progress, out);
}

}  // namespace vetset
