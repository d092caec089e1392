#include "vetset/convert/convert.h"

#include <algorithm>
#include <optional>

#include "vetset/base/memory.h"
#include "vetset/base/text_index.h"
#include "vetset/convert/recording_writer.h"

namespace vetset {

namespace {

/// How many annotations a choice concerns, and the first.
struct Asked {
  std::uint64_t count = 0;
  AnnotationIndex first = none<AnnotationIndex>;
};

Asked ask_together(const Dataset& dataset, const Choice& choice, const WriteOptions& options) {
  const std::vector<bool> marked = choice.these(dataset, options);
  const auto first = std::find(marked.begin(), marked.end(), true);
  if (first == marked.end()) return {};
  return {.count = static_cast<std::uint64_t>(std::count(first, marked.end(), true)),
          .first = to_index<AnnotationIndex>(static_cast<std::size_t>(first - marked.begin()))};
}

Asked ask(const Dataset& dataset, const Choice& choice, const WriteOptions& options) {
  if (choice.when == nullptr) return ask_together(dataset, choice, options);
  constexpr std::size_t grain = 16384;
  const std::size_t size = dataset.annotations.size();
  std::vector<Asked> parts((size + grain - 1) / grain);
  options.pool.for_each(parts.size(), [&](std::size_t k) {
    for (std::size_t i = k * grain; i < std::min(size, (k + 1) * grain); ++i) {
      if (!choice.when(dataset, to_index<AnnotationIndex>(i), options)) continue;
      if (parts[k].count++ == 0) parts[k].first = to_index<AnnotationIndex>(i);
    }
  });
  Asked all;
  for (const Asked& part : parts) {
    if (all.count == 0) all.first = part.first;
    all.count += part.count;
  }
  return all;
}

std::string listed(std::span<const Policy> policies) {
  std::string out;
  for (const Policy policy : policies) out += (out.empty() ? "" : "|") + std::string(name(policy));
  return out;
}

/// A policy that this format does not implement, or a decision that it never asks for.
std::optional<Error> senseless(const Policies& policies, const Format& to) {
  for (std::size_t k = 0; k < policies.chosen.size(); ++k) {
    const Decision decision = static_cast<Decision>(k);
    if (policies[decision] == Policy::unset) continue;
    const Choice* asked = nullptr;
    bool known = false;
    for (const Choice& choice : to.choices) {
      if (choice.decision != decision) continue;
      asked = &choice;
      known = known ||
              std::find(choice.policies.begin(), choice.policies.end(), policies[decision]) != choice.policies.end();
    }
    const std::string pair = std::string(name(decision)) + "=" + std::string(name(policies[decision]));
    if (asked == nullptr)
      return Error{Code::refused, pair + " makes no sense for " + std::string(to.id) +
                                      ", which asks no decision about " + std::string(name(decision))};
    if (!known)
      return Error{Code::refused, std::string(to.id) + " cannot do " + pair + ", expected " +
                                      std::string(name(decision)) + "=" + listed(asked->policies)};
  }
  return std::nullopt;
}

/// What somebody decided about each annotation.
class Decisions {
 public:
  Decisions(const Dataset& dataset, const Format& to, const WriteOptions& options)
      : dataset_(dataset), to_(to), options_(options), marked_(to.choices.size()) {
    for (std::size_t k = 0; k < to.choices.size(); ++k)
      if (to.choices[k].when == nullptr && options.policies[to.choices[k].decision] != Policy::unset)
        marked_[k] = to.choices[k].these(dataset, options);
  }
  CompareOptions::Decided operator()(AnnotationIndex i) const {
    auto what = CompareOptions::Decided::nothing;
    for (std::size_t k = 0; k < to_.choices.size(); ++k) {
      const Choice& choice = to_.choices[k];
      const Policy policy = options_.policies[choice.decision];
      if (policy == Policy::unset || !asks(k, i)) continue;
      if (policy == Policy::drop) return CompareOptions::Decided::drop;
      what = CompareOptions::Decided::something;
    }
    return what;
  }

 private:
  bool asks(std::size_t k, AnnotationIndex i) const {
    if (to_.choices[k].when != nullptr) return to_.choices[k].when(dataset_, i, options_);
    return to_size(i) < marked_[k].size() && marked_[k][to_size(i)];
  }

  const Dataset& dataset_;
  const Format& to_;
  const WriteOptions& options_;
  std::vector<std::vector<bool>> marked_;  // by choice, for those that look at all records together
};

/// Why a file is called otherwise now; nothing where only its folder is another.
std::optional<std::string> reason_for(std::string_view from, std::string_view to) {
  const std::string_view old_name = base_name(from), new_name = base_name(to);
  if (old_name == new_name) return std::nullopt;
  const auto folded = [](std::string_view text) {
    std::string out(text);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
  };
  if (folded(old_name) == folded(new_name)) return "case";
  if (from.find('/') != std::string_view::npos && new_name.find(stem_of(from)) != std::string_view::npos)
    return "flattened";
  return "characters";
}

std::vector<Renaming> renamings(const Dataset& dataset, const Emission& emission) {
  std::vector<Renaming> all;
  for (const Emission::Name& n : emission.names)
    if (auto reason = reason_for(dataset.path(n.image), emission.text(n.path)))
      all.push_back({std::string(dataset.path(n.image)), std::string(emission.text(n.path)), *std::move(reason)});
  return all;
}

using Sizes = TextIndex<ImageIndex>;

/// The written dataset through the eyes of the format's own reader. Sizes of images come from the source: the images
/// may not be there, and if they are they are the same.
Result<Reading> read_back(const Dataset& dataset, const Format& to, const Tree& written, const Emission& emission,
                          const WriteOptions& options) {
  Sizes sizes;
  sizes.reserve(emission.names.size());
  for (const Emission::Name& n : emission.names) sizes.try_emplace(emission.text(n.path), n.image);
  ReadOptions reading{
      .limits = options.limits, .pool = options.pool, .progress = options.progress, .written_from = &dataset};
  reading.known_size = [&](std::string_view path) -> std::optional<std::pair<std::uint32_t, std::uint32_t>> {
    const ImageIndex* const found = sizes.find(path);
    if (found == nullptr) return std::nullopt;
    const Image& image = dataset[*found];
    if (image.width == 0 || image.height == 0) return std::nullopt;
    return std::pair{image.width, image.height};
  };
  Result<Reading> back = to.read(written, reading);
  if (back) return back;
  Error error = std::move(back).error();
  if (error.code == Code::cancelled || error.code == Code::io) return error;
  return Error{Code::defect, "what was written as " + std::string(to.id) + " cannot be read back: " + error.message,
               error.file, error.line, error.column};
}

/// Images that were to be copied and that the reader of the result does not find.
Result<void> check_images(const Dataset& dataset, const Dataset& back, const Join& join, const WriteOptions& options) {
  if (options.images == ImagesMode::none) return {};
  for (std::size_t i = 0; i < back.images.size(); ++i) {
    const ImageIndex source = join.image_sources[i];
    if (source != none<ImageIndex> && !dataset[source].media.empty() && back.images[i].media.empty())
      return Error{Code::defect, "the image is not found again in what was written", std::string(dataset.path(source))};
  }
  return {};
}

}  // namespace

WriteOptions settled(const Dataset& dataset, const Format& to, WriteOptions options) {
  if (to.task != nullptr) options.task = to.task(dataset, options);
  if (!to.holds_images) options.images = ImagesMode::none;
  return options;
}

std::vector<Decided> decisions(const Dataset& dataset, const Format& to, const WriteOptions& asked_for) {
  const WriteOptions options = settled(dataset, to, asked_for);
  std::vector<Decided> all;
  for (const Choice& choice : to.choices) {
    const Asked asked = ask(dataset, choice, options);
    if (asked.count == 0) continue;
    all.push_back({.decision = choice.decision,
                   .policy = options.policies[choice.decision],
                   .count = asked.count,
                   .first = place_name(dataset, asked.first),
                   .why = std::string(choice.why),
                   .possible = {choice.policies.begin(), choice.policies.end()}});
  }
  return all;
}

std::string usual_answers(const std::vector<Decided>& decisions) {
  std::string out;
  std::vector<Decision> said;
  for (const Decided& d : decisions) {
    if (std::find(said.begin(), said.end(), d.decision) != said.end()) continue;
    said.push_back(d.decision);
    const Policy policy = d.policy == Policy::unset ? d.possible.front() : d.policy;
    out += (out.empty() ? "" : ",") + std::string(name(d.decision)) + "=" + std::string(name(policy));
  }
  return out;
}

Policies with_usual(Policies policies, const Format& to) {
  for (const Choice& choice : to.choices)
    if (policies[choice.decision] == Policy::unset) policies[choice.decision] = choice.policies.front();
  return policies;
}

Result<Proof> write_proved(const Dataset& dataset, const Tree& media, const Format& to, TreeWriter& out,
                           const std::function<Result<const Tree*>()>& written, const WriteOptions& asked_for) {
  const WriteOptions options = settled(dataset, to, asked_for);
  if (auto error = senseless(options.policies, to)) return *std::move(error);
  if (to.refuses != nullptr)
    if (auto why = to.refuses(dataset, options)) return Error{Code::refused, *std::move(why)};
  Proof proof{.from = dataset.format, .to = std::string(to.id), .task = options.task, .judge = std::string(to.judge)};
  proof.before = counts_of(dataset);
  proof.decisions = decisions(dataset, to, options);
  if (proof.undecided())
    return Error{Code::refused, std::string(to.id) + " needs a decision: " + usual_answers(proof.decisions) +
                                    " is what most people choose"};

  RecordingWriter recording(out);
  VETSET_TRY(const Emission emission, to.write(dataset, media, recording, options));
  give_memory_back();
  proof.target_files = recording.take_digests();
  proof.files = recording.files();
  proof.bytes = recording.bytes();
  proof.names = renamings(dataset, emission);

  VETSET_TRY(const Tree* const tree, written());
  VETSET_TRY(const Reading back, read_back(dataset, to, *tree, emission, options));
  give_memory_back();
  proof.after = counts_of(back.dataset);
  const Join join = join_emitted(dataset, back.dataset, emission);
  VETSET_DO(check_images(dataset, back.dataset, join, options));
  const Decisions decided(dataset, to, options);
  proof.lines = compare(dataset, back.dataset, join,
                        {.carries = to.carries_for == nullptr ? to.carries : to.carries_for(options),
                         .declared_only = true,
                         .pool = &options.pool,
                         .decided = [&](AnnotationIndex i) { return decided(i); }});
  return proof;
}

Result<Proof> write_proved(const Dataset& dataset, const Tree& media, const Format& to, TreeWriter& out,
                           const Tree& written, const WriteOptions& options) {
  return write_proved(dataset, media, to, out, [&]() -> Result<const Tree*> { return &written; }, options);
}

}  // namespace vetset
