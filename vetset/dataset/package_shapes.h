// Shapes and spellings of annotations as cells of a package, and back. For the tables of a package only.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vetset/base/result.h"
#include "vetset/dataset/dataset.h"

namespace vetset {

class JsonCursor;

/// Whether the typed columns say all that the shapes of an annotation say: at most one of each kind, in the order of
/// the columns, none that a column cannot hold.
bool columns_say_shapes(const Dataset& d, const Annotation& a);

/// How the source spelled what is unusual: {"lexemes":[[field,slot,"1.50"],…],"shapes":[spelling,…]}; nothing where all
/// is usual.
std::optional<std::string> spelling_of(const Dataset& d, AnnotationIndex i);

/// Puts shapes behind each other in one chain.
class ShapeChain {
 public:
  ShapeChain(Dataset& d, Annotation& a) : d_(d), a_(a) {}
  Shape& add(Shape shape);

 private:
  Dataset& d_;
  Annotation& a_;
  ShapeIndex last_ = none<ShapeIndex>;
};

/// Appends a mask to the columns and gives its shape.
Result<Shape> take_mask(Dataset& d, std::uint64_t height, std::uint64_t width, std::string_view coco_string);

/// Appends the shapes of a canonical list (docs/identity.md) to an annotation.
Result<void> take_shapes(Dataset& d, Annotation& a, std::string_view json);

/// Appends a record that is likely to be that of `expected` with the same index. What pads its fields is anything, so
/// they are compared by themselves.
template <class Record, class Same>
void append_expected(Column<Record>& out, const Column<Record>* expected, const Record& record, Same same) {
  const std::size_t i = out.size();
  const bool as_expected = expected != nullptr && i < expected->size() && same((*expected)[i], record);
  out.append({as_expected ? &(*expected)[i] : &record, 1});
}
/// Sets what `spelling_of` said of annotation `i`, whose shapes are there. `expected`: what `d` is likely to become;
/// null: not known.
Result<void> take_spelling(Dataset& d, AnnotationIndex i, std::string_view json, const Dataset* expected);

/// A number of the canonical form, "$num" included.
double read_canonical_number(JsonCursor& in);

}  // namespace vetset
