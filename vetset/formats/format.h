// What vetset knows of a dataset format. One `Format` value per format, in the format's own file; formats.def lists
// them. A format declares once what it carries and how; a law over random datasets holds the declaration to the truth.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vetset/base/limits.h"
#include "vetset/base/pool.h"
#include "vetset/base/progress.h"
#include "vetset/base/result.h"
#include "vetset/base/tree.h"
#include "vetset/dataset/compare.h"
#include "vetset/dataset/finding.h"
#include "vetset/dataset/predictions.h"

namespace vetset {

/// How sure a format is that a tree is of its kind, and why.
struct Detection {
  int score = 0;                      // 0: no; 100: certain
  std::vector<std::string> evidence;  // "data.yaml names 7 classes", one fact each
  std::string dialect = {};           // "roboflow", "mmdetection", "plain"; "detect", "segment" …
};

struct ReadOptions {
  std::string only = {};         // read this one annotation file; empty: all there are
  std::string dialect = {};      // a convention that is pinned ("obb" of --from yolo:obb); empty: told from the data
  const Tree* images = nullptr;  // where to look for images first (--images-dir)
  Limits limits = {};
  Pool pool = Pool(1);
  Progress progress = {};
  bool probe_images = true;  // read image headers where sizes are needed
  bool digests = true;       // of files that predictions are read from
  /// Sizes that are known already, by image path in the tree (used by the proof of a conversion without images).
  std::function<std::optional<std::pair<std::uint32_t, std::uint32_t>>(std::string_view path)> known_size = {};
  /// What the tree was written from, where this is a proof. It saves memory: coordinates that come back unchanged are
  /// held once, and how rows were spelled is kept only where the source said so, too. It outlives what is read.
  const Dataset* written_from = nullptr;
};

/// What a reader made of a tree: what it could hold, and what it could not, as findings.
struct Reading {
  Dataset dataset;
  Findings findings;
  std::vector<std::string> notes = {};  // which rule found the images, which dialect was read: evidence for people
};

/// What becomes of the images themselves.
enum class ImagesMode : std::uint8_t { copy, none, hardlink };

struct WriteOptions {
  std::string task = {};  // "detect", "segment", "pose"; empty: what the data hold
  Policies policies = {};
  ImagesMode images = ImagesMode::copy;
  int digits = -1;  // decimals of normalised numbers; −1: the shortest that read back the same
  Limits limits = {};
  Pool pool = Pool(1);
  Progress progress = {};
};

/// A question that a target asks of some records: it would teach something else of them.
struct Choice {
  Decision decision;
  /// Of which annotations; null: those that `these` marks.
  bool (*when)(const Dataset&, AnnotationIndex, const WriteOptions&);
  std::span<const Policy> policies;  // what this format implements; the first is what most people choose
  std::string_view why;              // "YOLO has no crowd regions: a trainer would learn them as objects"
  /// The same for a question that one record alone does not answer: one mark an annotation, or none at all for "no".
  std::vector<bool> (*these)(const Dataset&, const WriteOptions&) = nullptr;
};

/// One dataset format: how to know it, read it, and write it.
struct Format {
  std::string_view id;     // what a user types: "coco"
  std::string_view title;  // what a page is headed by: "COCO JSON"
  std::string_view judge;  // the outside reader that the tests hold it to: "pycocotools 2.0.11"; else empty
  std::span<const std::string_view> tasks;  // that its writer knows
  std::span<const Carry> carries;
  std::span<const Choice> choices;

  /// Whether the tree looks like this format, from names and first bytes alone.
  Detection (*detect)(const Tree&);
  /// Reads everything the format can say, as it says it: judging is the rules' work. What cannot be held becomes a
  /// finding; only a tree that makes no dataset at all is an error.
  Result<Reading> (*read)(const Tree&, const ReadOptions&);
  /// Writes what the format can hold, by the policies given, and says where each record went. `media` holds the images
  /// that `Image::media` names.
  Result<Emission> (*write)(const Dataset&, const Tree& media, TreeWriter&, const WriteOptions&);
  /// Why this dataset cannot be written at all ("a COCO results file needs its ground truth"); nothing where it can.
  std::optional<std::string> (*refuses)(const Dataset&, const WriteOptions&) = nullptr;
  /// The task that will be written: the one asked for, else what the data hold; null where the format has no tasks.
  /// Empty: each record as it was read. Choices and declarations are asked with this in `WriteOptions::task`.
  std::string_view (*task)(const Dataset&, const WriteOptions&) = nullptr;
  /// The declaration where it depends on the task or the digits; null: `carries`.
  std::span<const Carry> (*carries_for)(const WriteOptions&) = nullptr;
  /// What ReadOptions::dialect may pin where data alone cannot tell; empty: nothing.
  std::span<const std::string_view> dialects = {};
  bool holds_images = true;  // false: labels alone, the images stay where they are
  /// Reads predictions straight into lean columns, where the format holds them; null: they are made of a Dataset.
  Result<Predictions> (*predict)(const Tree&, const ReadOptions&) = nullptr;
};

std::span<const Format* const> formats();
const Format* find_format(std::string_view id);

/// The format of a tree: the best score wins; two equal best ones, or none, are an error that names what was seen.
struct Detected {
  const Format* format = nullptr;
  Detection detection;
};
Result<Detected> detect_format(const Tree& tree);

}  // namespace vetset
