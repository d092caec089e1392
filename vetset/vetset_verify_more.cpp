// What a verification is asked for beside its levels: images that are no harm to decode, and which records differ from
// an earlier copy.
#include "vetset/vetset_verify.h"

#include <algorithm>

#include "vetset/dataset/diff_text.h"
#include "vetset/image/probe.h"

namespace vetset {
namespace {

constexpr std::uint64_t most_side = 65'535;

VerifyLine look_at(const Tree& tree, std::string_view path, const Limits& limits) {
  const Facts facts = probe_image(tree, path);
  const std::uint64_t width = facts.width, height = facts.height;
  VerifyLine line{.level = "L1", .code = {}, .where = std::string(path)};
  if (width > most_side || height > most_side || (height != 0 && width > limits.image_pixels / height)) {
    line.code = "E_IMAGE_BOMB";
    line.expected = std::to_string(limits.image_pixels) + " pixels, sides of " + std::to_string(most_side);
    line.actual = std::to_string(width) + "x" + std::to_string(height);
    line.words = "decoding it takes more memory than an image should";
  } else if (facts.trailing_bytes > 0 && facts.type != ImageType::mpo) {
    line.code = "W_TRAILING_DATA";
    line.actual = std::to_string(facts.trailing_bytes) + " bytes";
    line.words = "follow the end of the image; another program may read them as something else";
  }
  return line;
}

/// "7: box 1,2,3,4 → 1,2,3,5"
std::string words_of(std::string_view of, const Diff::FieldChange& c) {
  const auto [before, after] = values_for_people(c);
  std::string words(of);
  words += (words.empty() ? "" : ": ") + std::string(name(c.field));
  if (c.outcome == Outcome::added) return words + " added: " + after;
  if (c.outcome == Outcome::lost) return words + " removed: " + before;
  return words + " " + before + " → " + after;
}

std::vector<std::string> changes_of(const Diff::ImageChange& c) {
  std::vector<std::string> all;
  if (c.outcome == Outcome::added) all.emplace_back("image added");
  if (c.outcome == Outcome::lost) all.emplace_back("image removed");
  if (!c.renamed_to.empty()) all.push_back("renamed to " + c.renamed_to);
  if (c.moved)
    all.push_back("split " + (c.splits_before.empty() ? "none" : c.splits_before) + " → " +
                  (c.splits_after.empty() ? "none" : c.splits_after));
  if (c.media) all.emplace_back("other bytes");
  for (const Diff::FieldChange& f : c.fields) all.push_back(words_of({}, f));
  for (const Diff::ObjectChange& o : c.objects) {
    if (o.outcome == Outcome::added) all.push_back(o.name + " added: " + o.is);
    if (o.outcome == Outcome::lost) all.push_back(o.name + " removed: " + o.was);
    if (o.outcome == Outcome::changed)
      for (const Diff::FieldChange& f : o.fields) all.push_back(words_of(o.name, f));
  }
  return all;
}

}  // namespace

std::vector<VerifyLine> suspicious_images(const Tree& tree, std::span<const std::string_view> paths,
                                          const Limits& limits, const Pool& pool) {
  std::vector<VerifyLine> lines(paths.size());
  pool.for_each(paths.size(), [&](std::size_t i) { lines[i] = look_at(tree, paths[i], limits); });
  std::erase_if(lines, [](const VerifyLine& line) { return line.code.empty(); });
  return lines;
}

Result<void> tell_differences(const std::string& path, const std::string& earlier, const Common& common,
                              Verification& seen) {
  constexpr std::size_t most_lines = 100;
  const OpenOptions opening{.common = common};
  auto now = open(path, opening);
  if (!now) {
    seen.not_checked.push_back("what differs from " + earlier +
                               ": the labels cannot be read: " + to_string(now.error()));
    return {};
  }
  VETSET_TRY(const Source before, open(earlier, opening));
  VETSET_TRY(const Diff d, diff(before, *now, {.common = common}));
  std::vector<VerifyLine> lines;
  const auto add = [&](const std::string& where, std::string words) {
    lines.push_back({.level = "L2", .code = "DIFF", .where = where, .words = std::move(words)});
  };
  for (const Diff::ClassChange& c : d.classes) {
    if (c.outcome == Outcome::added) add("class " + c.name, "class added");
    if (c.outcome == Outcome::lost) add("class " + c.name, "class removed");
    if (!c.renamed_to.empty()) add("class " + c.name, "renamed to " + c.renamed_to);
    for (const Diff::FieldChange& f : c.fields) add("class " + c.name, words_of({}, f));
  }
  for (const Diff::OtherChange& o : d.others) add(o.where, words_of({}, o.change));
  for (const Diff::ImageChange& c : d.images)
    for (std::string& words : changes_of(c)) add(c.path, std::move(words));
  if (lines.size() > most_lines) {
    const std::size_t more = lines.size() - most_lines;
    lines.resize(most_lines);
    add({}, "and " + std::to_string(more) + " more; 'vetset diff' shows them all");
  }
  if (lines.empty()) add({}, d.equal ? "says the same as " + earlier : "differs from " + earlier + " in spelling only");
  const auto place =
      std::find_if(seen.lines.begin(), seen.lines.end(), [](const VerifyLine& l) { return l.level > "L2"; });
  seen.lines.insert(place, std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
  return {};
}

}  // namespace vetset
