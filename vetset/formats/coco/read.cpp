// Reads COCO documents: every file in slices of whole records, parsed on any thread and taken in file order; then
// references are resolved, and records that several documents of one split share become one.
#include "vetset/formats/coco/read.h"

#include <algorithm>
#include <deque>

namespace vetset {
namespace {

constexpr std::size_t sample_records = 256;
constexpr std::size_t most_sample_slices = 64;

/// What became of one slice.
struct Piece {
  enum class What : std::uint8_t { images, annotations, categories, licences, info, other, skipped } what{};
  JsonSlice slice;
  CocoPart part;
};

Piece::What what_of(const JsonSlice& slice, CocoPieces pieces) {
  if (pieces == CocoPieces::results) return slice.records ? Piece::What::annotations : Piece::What::skipped;
  if (slice.records) {
    if (slice.member == "images") return Piece::What::images;
    if (slice.member == "annotations")
      return pieces == CocoPieces::all ? Piece::What::annotations : Piece::What::skipped;
    if (slice.member == "categories") return Piece::What::categories;
    if (slice.member == "licenses") return Piece::What::licences;
  }
  if (slice.member == "info" && slice.text.starts_with('{')) return Piece::What::info;
  return Piece::What::other;
}

/// Checks text that is kept as it is.
CocoPart check_text(const JsonSlice& slice, const Limits& limits) {
  CocoPart part;
  JsonCursor in(slice.text, limits.depth);
  if (slice.records) {
    while (in.next_record()) in.skip();
  } else {
    in.skip();
  }
  if (in.failed()) part.broken = CocoPart::Broken{slice.offset + in.error_offset(), in.error_text()};
  return part;
}

class DocumentReader {
 public:
  DocumentReader(const Tree& tree, std::string_view path, const ReadOptions& options, Reading& reading,
                 CocoDocumentRows& rows, CocoPieces pieces)
      : tree_(tree),
        path_(path),
        options_(options),
        reading_(reading),
        d_(reading.dataset),
        rows_(rows),
        pieces_(pieces) {}

  Result<void> read() {
    VETSET_TRY(slicer_, open());
    VETSET_TRY(size_, tree_.size(path_));
    if (slicer_->is_array() && pieces_ != CocoPieces::results)
      return Error{Code::malformed, "expected an object with images and annotations, found an array",
                   std::string(path_)};
    VETSET_DO((options_.pool.in_order<JsonSlice, Piece>([this] { return next(); },
                                                        [this](JsonSlice& slice) { return parse(slice); },
                                                        [this](Piece&& piece) { return accept(std::move(piece)); })));
    finish_other();
    if (pieces_ != CocoPieces::results && !rows_.has_images && !rows_.has_annotations)
      return Error{Code::malformed, "expected \"images\" or \"annotations\" with records, found neither",
                   std::string(path_)};
    Split& split = d_.splits[to_size(rows_.split)];
    split.residue = std::move(residue_);
    if (!split.residue.empty()) split.residue += '}';
    if (pieces_ != CocoPieces::no_annotations) std::copy(styles_.begin(), styles_.end(), std::begin(split.styles));
    d_.files[to_size(rows_.file)].bom = slicer_->had_bom();
    tell_of_file();
    return {};
  }

 private:
  Result<std::optional<JsonSlicer>> open() {
    VETSET_TRY(JsonSlicer slicer, JsonSlicer::open(tree_, path_, {.limits = options_.limits}));
    return std::optional<JsonSlicer>(std::move(slicer));
  }

  Result<std::optional<JsonSlice>> next() {
    if (options_.progress.stopped()) return Error{Code::cancelled, "stopped while reading", std::string(path_)};
    if (!ahead_.empty()) {
      std::optional<JsonSlice> slice = std::move(ahead_.front());
      ahead_.pop_front();
      return slice;
    }
    VETSET_TRY(std::optional<JsonSlice> slice, slicer_->next());
    if (!slice || sampled_ || what_of(*slice, pieces_) != Piece::What::annotations) return slice;
    // The first annotations tell how numbers are spelled, before any thread needs to know.
    sampled_ = true;
    CocoStyleSample sample;
    sample.take(slice->text, sample_records);
    while (sample.records < sample_records && ahead_.size() < most_sample_slices) {
      VETSET_TRY(std::optional<JsonSlice> more, slicer_->next());
      if (!more) break;
      const bool same = what_of(*more, pieces_) == Piece::What::annotations;
      if (same) sample.take(more->text, sample_records);
      ahead_.push_back(*std::move(more));
      if (!same) break;
    }
    styles_ = sample.styles();
    return slice;
  }

  Result<Piece> parse(JsonSlice& slice) const {
    Piece piece{.what = what_of(slice, pieces_), .slice = {}, .part = {}};
    const Limits& limits = options_.limits;
    switch (piece.what) {
      case Piece::What::images: piece.part = read_coco_images(slice, rows_.file, limits); break;
      case Piece::What::annotations: piece.part = read_coco_annotations(slice, rows_.file, styles_, limits); break;
      case Piece::What::categories: piece.part = read_coco_categories(slice, limits); break;
      case Piece::What::licences: piece.part = read_coco_licences(slice, limits); break;
      default: piece.part = check_text(slice, limits);
    }
    if (piece.part.broken) {
      Error error{Code::malformed, piece.part.broken->what, std::string(path_)};
      if (const auto place = line_column(tree_, path_, piece.part.broken->offset)) {
        error.line = place->line;
        error.column = place->column;
      }
      return error;
    }
    if (piece.what == Piece::What::info || piece.what == Piece::What::other) {
      piece.slice = std::move(slice);
    } else {
      piece.slice.offset = slice.offset;
    }
    return piece;
  }

  Result<void> accept(Piece&& piece) {
    Split& split = d_.splits[to_size(rows_.split)];
    options_.progress.tell("reading " + std::string(path_), piece.slice.offset, size_);
    if (piece.what != Piece::What::other) finish_other();
    switch (piece.what) {
      case Piece::What::images:
        rows_.has_images = true;
        rows_.take_images(d_, std::move(piece.part));
        break;
      case Piece::What::annotations:
        rows_.has_annotations = true;
        rows_.take_annotations(d_, std::move(piece.part));
        break;
      case Piece::What::categories:
        split.has_categories = true;
        rows_.take_categories(d_, std::move(piece.part));
        break;
      case Piece::What::licences:
        split.has_licences = true;
        rows_.take_licences(d_, std::move(piece.part));
        break;
      case Piece::What::info: split.info = piece.slice.text; break;
      case Piece::What::other: return take_other(piece.slice);
      case Piece::What::skipped: break;
    }
    return {};
  }

  Result<void> take_other(const JsonSlice& slice) {
    if (!slice.records || slice.first_record == 0) {
      finish_other();
      residue_ += residue_.empty() ? '{' : ',';
      append_json_string(residue_, slice.member);
      residue_ += ':';
      other_open_ = slice.records;
      if (slice.records) residue_ += '[';
      const bool known = slice.member == "images" || slice.member == "annotations" || slice.member == "categories";
      if (known)
        rows_.notes.push_back({Owner::dataset,
                               {"FMT401", Severity::error, CocoDocumentRows::nobody, slice.offset,
                                "expected an array in \"" + slice.member + "\", found another value"}});
    } else {
      residue_ += ',';
    }
    residue_ += slice.text;
    if (residue_.size() <= options_.limits.record_bytes) return {};
    return Error{
        Code::limit,
        "keys that COCO does not have take more than " + std::to_string(options_.limits.record_bytes) + " bytes",
        std::string(path_)};
  }
  void finish_other() {
    if (other_open_) residue_ += ']';
    other_open_ = false;
  }

  void tell_of_file() {
    const auto tell = [&](std::optional<std::uint64_t> offset, std::string message) {
      reading_.findings.add({.code = "FMT401",
                             .severity = Severity::error,
                             .where = Place{.file = std::string(path_), .offset = offset},
                             .message = std::move(message)});
    };
    if (slicer_->had_bom()) tell(0, "the file begins with a byte-order mark, which Python's json refuses");
    if (const auto bad = slicer_->bad_utf8()) tell(bad, "found a byte that is not UTF-8");
    for (const std::string& key : slicer_->duplicate_members())
      tell({}, "\"" + key + "\" stands more than once; loaders keep the last");
  }

  const Tree& tree_;
  std::string_view path_;
  const ReadOptions& options_;
  Reading& reading_;
  Dataset& d_;
  CocoDocumentRows& rows_;
  std::optional<JsonSlicer> slicer_;
  std::uint64_t size_ = 0;
  std::deque<JsonSlice> ahead_;
  bool sampled_ = false;
  CocoPieces pieces_;
  CocoStyles styles_{};
  std::string residue_;
  bool other_open_ = false;
};

/// The documents of a tree, in the order of their paths; what is left aside is told.
std::vector<std::string_view> documents_of(const Tree& tree, const ReadOptions& options,
                                           std::vector<std::string>& notes) {
  if (!options.only.empty()) return {options.only};
  std::vector<std::string_view> documents;
  for (const std::string_view path : tree.list()) {
    const CocoSniff sniff = sniff_coco(tree, path);
    if (sniff.kind == CocoDocument::dataset) documents.push_back(path);
    if (sniff.kind == CocoDocument::panoptic) notes.push_back(std::string(path) + " is left aside: panoptic segments");
    if (sniff.kind == CocoDocument::results) notes.push_back(std::string(path) + " is left aside: a list of results");
  }
  return documents;
}

}  // namespace

Result<void> read_coco_document(const Tree& tree, std::string_view path, const ReadOptions& options, Reading& reading,
                                CocoDocumentRows& rows, CocoPieces pieces) {
  return DocumentReader(tree, path, options, reading, rows, pieces).read();
}

Result<Reading> read_coco(const Tree& tree, const ReadOptions& options) {
  Reading reading{.dataset = {}, .findings = Findings(options.limits.findings_per_code)};
  Dataset& d = reading.dataset;
  d.format = "coco";
  if (options.written_from != nullptr) d.coordinates.expect(options.written_from->coordinates);
  const std::vector<std::string_view> documents = documents_of(tree, options, reading.notes);
  if (documents.empty())
    return Error{Code::not_found,
                 "found no COCO document (JSON with images and annotations) among " +
                     std::to_string(tree.list().size()) + " files",
                 std::string(tree.name())};
  std::vector<Error> broken;
  std::vector<std::vector<CategoryIndex>> listings;
  for (const std::string_view path : documents) {
    const CocoMark before(d);
    CocoDocumentRows rows(d, path);
    if (auto read = read_coco_document(tree, path, options, reading, rows, CocoPieces::all); !read) {
      Error error = std::move(read).error().in(path);
      if (error.code == Code::cancelled || error.code == Code::io) return error;
      before.restore(d);
      broken.push_back(std::move(error));
      continue;
    }
    rows.settle(reading);
    listings.push_back(rows.categories);
    find_coco_images(tree, options, path, coco_split_of(path), rows.new_images, reading);
  }
  if (broken.size() == documents.size()) return std::move(broken.front());
  for (Error& error : broken)
    reading.findings.add({.code = "FMT401",
                          .severity = Severity::error,
                          .where = Place{.file = error.file, .line = error.line, .column = error.column},
                          .message = "the document is left out: " + error.message});
  finish_coco(d, listings);
  return reading;
}

}  // namespace vetset
