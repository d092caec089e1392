#include "vetset/check/sift.h"

#include <algorithm>
#include <unordered_map>

#include "vetset/base/glob.h"
#include "vetset/base/tree.h"
#include "vetset/check/about.h"
#include "vetset/check/select.h"

namespace vetset {
namespace {

bool path_matches(std::string_view pattern, std::string_view path) {
  if (path.empty()) return false;
  return glob_matches(pattern, pattern.find('/') == std::string_view::npos ? base_name(path) : path);
}

/// What exceptions look at in one finding, named once.
struct Named {
  const Finding& finding;
  About about;
  std::string file;  // that the finding is shown with

  bool lies_at(std::string_view pattern) const {
    return path_matches(pattern, about.image) || path_matches(pattern, about.other) || path_matches(pattern, file);
  }
  bool is_of(const Waiver& w) const {
    if (!names_rule(w.rule, finding.code) || (!w.path.empty() && !lies_at(w.path))) return false;
    std::string_view id = about.annotation;
    if (id.size() > 1 && id.front() == '"') id = id.substr(1, id.size() - 2);
    return w.annotation.empty() || (!id.empty() && glob_matches(w.annotation, id));
  }
};

class Sifter {
 public:
  Sifter(const Dataset& d, const Exceptions& exceptions, std::string_view today) : d_(d), exceptions_(exceptions) {
    for (const Waiver& waiver : exceptions.waivers)
      out_.waivers.push_back({waiver, 0, !waiver.until.empty() && !today.empty() && waiver.until < today});
    if (!exceptions.baseline) return;
    found_.assign(exceptions.baseline->findings.size(), false);
    for (std::size_t i = 0; i < found_.size(); ++i) known_.emplace(exceptions.baseline->findings[i].fingerprint, i);
  }

  void take(Finding finding) {
    const Named named{finding, about(d_, finding), rough_place(d_, finding).file};
    const bool known = is_known(named);
    std::uint64_t* counter = nullptr;
    if (ignored(named)) counter = &out_.by_path;
    if (WaiverResult* w = counter == nullptr ? waiver_of(named) : nullptr; w != nullptr) {
      ++w->count;
      if (!w->expired) counter = &out_.waived;
    }
    if (counter == nullptr && known) counter = &out_.in_baseline;
    if (counter == nullptr) {
      out_.findings.push_back(std::move(finding));
      return;
    }
    ++*counter;
    if (out_.taken.empty() || out_.taken.back().first != finding.code) {
      const auto at = std::find_if(out_.taken.begin(), out_.taken.end(),
                                   [&](const auto& taken) { return taken.first == finding.code; });
      if (at != out_.taken.end()) {
        ++at->second;
        return;
      }
      out_.taken.emplace_back(finding.code, 0);
    }
    ++out_.taken.back().second;
  }

  Sifted finish(const std::function<bool(std::string_view)>& ran) {
    for (std::size_t i = 0; i < found_.size(); ++i)
      if (const BaselineEntry& entry = exceptions_.baseline->findings[i]; !found_[i] && ran(entry.code))
        out_.gone.push_back(entry);
    return std::move(out_);
  }

 private:
  bool ignored(const Named& named) const {
    return std::any_of(exceptions_.paths.begin(), exceptions_.paths.end(), [&](const PathIgnore& ignore) {
      return names_rule(ignore.rules, named.finding.code) && named.lies_at(ignore.path);
    });
  }

  /// The first waiver in force; else the first that has expired.
  WaiverResult* waiver_of(const Named& named) {
    WaiverResult* expired = nullptr;
    for (WaiverResult& w : out_.waivers) {
      if (!named.is_of(w.waiver)) continue;
      if (!w.expired) return &w;
      if (expired == nullptr) expired = &w;
    }
    return expired;
  }

  bool is_known(const Named& named) {
    if (!exceptions_.baseline) return false;
    const auto at = known_.find(fingerprints_.next(named.finding.code, named.about.identity));
    if (at == known_.end()) return false;
    found_[at->second] = true;
    return true;
  }

  const Dataset& d_;
  const Exceptions& exceptions_;
  std::unordered_map<std::string_view, std::size_t> known_;  // asked, never walked
  std::vector<bool> found_;
  Fingerprints fingerprints_;
  Sifted out_;
};

}  // namespace

Sifted sift(const Dataset& d, std::vector<Finding> findings, const Exceptions& exceptions, std::string_view today,
            const std::function<bool(std::string_view)>& ran) {
  if (exceptions.paths.empty() && exceptions.waivers.empty() && !exceptions.baseline) {
    Sifted all;
    all.findings = std::move(findings);
    return all;
  }
  Sifter sifter(d, exceptions, today);
  for (Finding& finding : findings) sifter.take(std::move(finding));
  return sifter.finish(ran);
}

Baseline baseline_of(const Dataset& d, const std::vector<Finding>& findings) {
  Baseline baseline;
  Fingerprints fingerprints;
  for (const Finding& finding : findings) {
    About named = about(d, finding);
    baseline.findings.push_back({std::string(finding.code), fingerprints.next(finding.code, named.identity),
                                 std::move(named.image), std::move(named.annotation)});
  }
  return baseline;
}

}  // namespace vetset
