// Laws over random datasets, for every format there is and every one to come: no conversion loses what its target does
// not declare, and no target declares what never happens. VETSET_LAW_SEEDS says how many datasets (60 unless told).
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/support/random.h"
#include "tests/support/random_dataset.h"
#include "vetset/base/parquet.h"
#include "vetset/convert/convert.h"

using namespace vetset;

namespace {

std::uint64_t seeds() {
  const char* told = std::getenv("VETSET_LAW_SEEDS");
  return told == nullptr ? 60 : std::strtoull(told, nullptr, 10);
}

/// A task and a policy for every question of the format, by the seed.
WriteOptions chosen(const Format& to, std::uint64_t seed) {
  Random random(seed * 31 + 7);
  WriteOptions options;
  options.images = ImagesMode::none;
  if (!to.tasks.empty() && !random.once_in(3))
    options.task = to.tasks[random.below(static_cast<std::uint32_t>(to.tasks.size()))];
  for (const Choice& choice : to.choices)
    if (options.policies[choice.decision] == Policy::unset)
      options.policies[choice.decision] =
          choice.policies[random.below(static_cast<std::uint32_t>(choice.policies.size()))];
  if (random.once_in(4)) options.digits = static_cast<int>(random.between(3, 9));
  return options;
}

std::string line_of(const Difference& d) {
  return std::string(name(d.field)) + " (" + std::string(name(d.verb)) + ") " + std::string(name(d.outcome)) + ", " +
         std::to_string(d.count) + " of " + std::to_string(d.of) + ", at most " + std::to_string(d.largest) + " of " +
         std::to_string(d.bound) + ", first " + d.where + ": " + d.before + " -> " + d.after;
}

std::string undeclared(const Proof& proof) {
  std::string out;
  for (const Difference& d : proof.lines)
    if (!d.declared) out += "\n  " + line_of(d);
  return out;
}

/// A line of a declaration as its reader sees it: tables of one format share lines between tasks.
std::string line_name(Field field, Verb verb, std::string_view note) {
  return std::string(name(field)) + " " + std::string(name(verb)) +
         (note.empty() ? "" : " (" + std::string(note) + ")");
}

/// All lines but the exact ones, of all tasks.
std::set<std::string> declared_lines(const Format& format) {
  std::set<std::string> lines;
  const auto add = [&](std::span<const Carry> carries) {
    for (const Carry& c : carries)
      if (c.verb != Verb::exact) lines.insert(line_name(c.field, c.verb, c.note));
  };
  if (format.carries_for == nullptr) {
    add(format.carries);
    return lines;
  }
  add(format.carries_for({}));
  for (const std::string_view task : format.tasks) add(format.carries_for({.task = std::string(task)}));
  return lines;
}

const MemoryTree& no_media() {
  static const MemoryTree tree;
  return tree;
}

/// A dataset of any shape: everything, a plain export, what COCO says, what YOLO says, what class folders say, in turn.
Dataset dataset_of(std::uint64_t seed) {
  Dataset dataset = random_dataset(seed, {.style = static_cast<RandomOptions::Style>(seed % 5)});
  if (dataset.format.empty() && seed % 3 == 0) dataset.format = "elsewhere";  // keys of its own are nobody else's
  return dataset;
}

/// Bytes for each image that was found; nothing where a name cannot be a file's. They are no pictures: sizes come from
/// the source.
std::optional<MemoryTree> media_of(const Dataset& dataset) {
  MemoryTree media;
  for (const Image& image : dataset.images) {
    const std::string_view path = dataset.text(image.media);
    if (path.empty() || media.contains(path)) continue;
    if (!media.write(path, "pixels")) return std::nullopt;
  }
  return media;
}

/// A random dataset and how it is to be written.
struct Trial {
  std::uint64_t seed;
  Dataset dataset;
  WriteOptions options;
};
Trial trial(const Format& to, std::uint64_t seed) { return {seed, dataset_of(seed), chosen(to, seed)}; }

/// The formats that this build can write: packages need the module that knows Parquet.
std::vector<const Format*> formats_here() {
  std::vector<const Format*> here;
  for (const Format* format : formats())
    if (format->id != "vetset" || parquet_module()) here.push_back(format);
  return here;
}

}  // namespace

TEST_CASE("law: no format loses what it does not declare") {
  for (const Format* format : formats_here()) {
    CAPTURE(format->id);
    std::uint64_t proved = 0;
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
      CAPTURE(seed);
      const Trial t = trial(*format, seed);
      CAPTURE(t.options.task);
      MemoryTree out;
      WriteOptions options = t.options;
      const std::optional<MemoryTree> media = seed % 5 == 0 ? media_of(t.dataset) : std::nullopt;
      if (media) options.images = ImagesMode::copy;
      const auto proof = write_proved(t.dataset, media ? *media : no_media(), *format, out, out, options);
      if (!proof) {
        INFO(to_string(proof.error()));
        CHECK(proof.error().code == Code::refused);  // by name; never a defect
        continue;
      }
      ++proved;
      INFO(undeclared(*proof));
      CHECK_FALSE(proof->undeclared());
    }
    CHECK(proved * 3 > seeds());  // a law about refusals would say nothing
  }
}

TEST_CASE("law: what a format declares does happen") {
  const std::uint64_t enough =
      std::max<std::uint64_t>(seeds(), 1000);  // to see what is rare; most lines are seen at once
  for (const Format* format : formats_here()) {
    std::set<std::string> idle = declared_lines(*format);
    const auto watch = [&](const Dataset& source, const MemoryTree* media, std::uint64_t seed) {
      MemoryTree out;
      WriteOptions options = chosen(*format, seed);
      if (media != nullptr) options.images = ImagesMode::copy;
      const auto proof = write_proved(source, media == nullptr ? no_media() : *media, *format, out, out, options);
      if (!proof) return;
      for (const Difference& d : proof->lines)
        if (d.line >= 0 && d.outcome != Outcome::kept) idle.erase(line_name(d.field, d.verb, d.note));
    };
    for (std::uint64_t seed = 0; seed < enough && !idle.empty(); ++seed) {
      const Dataset dataset = dataset_of(seed);
      const std::optional<MemoryTree> media = media_of(dataset);
      watch(dataset, nullptr, seed);
      if (media) watch(dataset, &*media, seed);
      // What was written by another format says things that a dataset made by hand does not.
      for (const Format* from : formats_here()) {
        MemoryTree tree;
        if (idle.empty() || !from->write(dataset_of(seed), no_media(), tree, chosen(*from, seed))) continue;
        const auto reading = from->read(tree, {});
        if (!reading) continue;
        watch(reading->dataset, nullptr, seed);
        Dataset edited = reading->dataset;  // what is kept as it was written may no longer be so
        for (Category& category : edited.categories) category.name += "-2";
        watch(edited, nullptr, seed);
      }
    }
    for (const std::string& line : idle) {
      const std::string said = std::string(format->id) + " declares what never happens: " + line;
      if (formats_here().size() == formats().size())
        FAIL_CHECK(said);
      else
        MESSAGE(said, ", as far as the formats of this build show");  // some lines need a package to come from
    }
  }
}

TEST_CASE("law: what two formats carry exactly comes back from the one through the other") {
  for (const Format* first : formats_here())
    for (const Format* second : formats_here()) {
      CAPTURE(first->id);
      CAPTURE(second->id);
      for (std::uint64_t seed = 0; seed < std::max<std::uint64_t>(seeds() / 4, 1); ++seed) {
        CAPTURE(seed);
        // A dataset as the first format reads it, through the second, and back.
        MemoryTree source, middle, back;
        WriteOptions options = chosen(*first, seed);
        if (!write_proved(dataset_of(seed), no_media(), *first, source, source, options)) continue;
        const auto began = first->read(source, {});
        REQUIRE(began);
        const auto there = write_proved(began->dataset, no_media(), *second, middle, middle, chosen(*second, seed));
        if (!there) {
          CHECK(there.error().code == Code::refused);
          continue;
        }
        INFO(undeclared(*there));
        CHECK_FALSE(there->undeclared());
        const auto between = second->read(middle, {});
        REQUIRE(between);
        options.task.clear();
        const auto home = write_proved(between->dataset, no_media(), *first, back, back, options);
        if (!home) {
          CHECK(home.error().code == Code::refused);
          continue;
        }
        INFO(undeclared(*home));
        CHECK_FALSE(home->undeclared());
        // Two proofs in turn are one. A format that loses nothing of its own writes the same bytes twice.
        if (first == second && there->exact() && home->exact())
          for (const std::string_view path : middle.list()) {
            CAPTURE(path);
            REQUIRE(back.contains(path));
            CHECK(middle.read(path)->text() == back.read(path)->text());
          }
      }
    }
}
