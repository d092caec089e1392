// The records of one document on their way into the dataset. For the reader of COCO alone.
#pragma once

#include <memory>

#include "vetset/formats/coco/coco.h"

namespace vetset {

/// The sizes of a dataset, to go back to when a document turns out to be broken.
class CocoMark {
 public:
  explicit CocoMark(const Dataset& d);
  void restore(Dataset& d) const;

 private:
  std::vector<std::size_t> sizes_;
};

/// What one document brings: parts are appended as they come, and settled once all of them are there.
class CocoDocumentRows {
 public:
  static constexpr std::uint32_t nobody = 0xffffffffU;

  /// Adds the rows of the file and its split.
  CocoDocumentRows(Dataset& d, std::string_view path);
  void take_images(Dataset& d, CocoPart&& part);
  void take_annotations(Dataset& d, CocoPart&& part);
  void take_categories(Dataset& d, CocoPart&& part);
  void take_licences(Dataset& d, CocoPart&& part);
  /// Resolves references, finds what stands twice, shares what earlier documents have, and files the findings.
  void settle(Reading& reading);
  /// Gives the document images and categories that its annotations name, known by nothing but their ids.
  void name_by_ids(Dataset& d);

  /// A finding about a record of this document, whose number counts within the dataset.
  struct Noted {
    Owner owner{};
    CocoNote note;
  };

  FileIndex file{};
  SplitIndex split{};
  bool has_images = false, has_annotations = false;
  std::vector<Noted> notes;
  std::vector<CategoryIndex> categories;  // as listed
  std::vector<ImageIndex> new_images;     // those not shared with an earlier document

 private:
  struct Begin {
    std::size_t images, annotations, categories, licences;
  };
  void note(Owner owner, std::size_t record, std::string_view code, Severity severity, std::string message);
  void take_notes(CocoPart& part, Owner owner, std::size_t base);
  void settle_licences(Dataset& d);
  void settle_references(Dataset& d);
  void tell_repeated(Dataset& d);
  void share_categories(Dataset& d);
  void share_images(Dataset& d);
  void file_notes(Reading& reading) const;

  Begin begin_;
  std::vector<CocoReference> annotation_references_, image_references_;
  std::vector<ImageIndex> image_place_;  // of this document's images, once shared
  std::vector<CategoryIndex> category_place_;
};

/// What is read of a document: all; its images and categories; or a list of results, which is nothing but annotations.
enum class CocoPieces : std::uint8_t { all, no_annotations, results };
Result<void> read_coco_document(const Tree& tree, std::string_view path, const ReadOptions& options, Reading& reading,
                                CocoDocumentRows& rows, CocoPieces pieces);

/// Orders sparse rows by owner, and files the listings where documents list different categories.
void finish_coco(Dataset& d, const std::vector<std::vector<CategoryIndex>>& listings);
/// Orders residues and attributes by owner.
void sort_coco_rows(Dataset& d);

}  // namespace vetset
