// The pictures of an HTML report: which of the findings are shown, and how. For the façade's own files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "vetset/base/pool.h"
#include "vetset/check/report/html.h"
#include "vetset/scan/contact_sheet.h"
#include "vetset/vetset.h"

namespace vetset {

/// Members of a JSON object as they are written, by key; none of an empty text.
std::map<std::string, std::string> members_of(std::string_view json);

class ReportPictures {
 public:
  /// `suspects`: what predictions propose in place of labels; null: nothing.
  ReportPictures(const Source& source, const Suspects* suspects, const Pool& pool, const Progress& progress);

  /// A few of each rule's findings, each rule in turn, gravest first: what `bytes` of HTML have room for. `left_out`
  /// counts those that it has none for.
  Result<std::vector<PicturedFinding>> of_findings(const Reported& report, std::size_t bytes,
                                                   std::size_t& left_out) const;
  /// Clusters as `sheet` has them, as many as there is room for.
  Result<std::vector<ReportCluster>> of_clusters(const Sheet& sheet, std::size_t bytes, bool pictures,
                                                 std::size_t& left_out) const;
  /// What an edit does to a record of an image, before and after in one picture; nothing where it shows nothing.
  std::optional<ReportPicture> of_edit(const Edit& edit) const;

 private:
  struct Shot;
  ReportPicture picture(ImageIndex image, const std::vector<AnnotationIndex>& about, bool others,
                        const Suspect* suspect = nullptr) const;
  ReportPicture drawn(ImageIndex image, const std::optional<Box>& around, double& left, double& top, double& across,
                      double& down) const;
  std::optional<ImageIndex> image_at(std::string_view path) const;
  std::vector<std::pair<ImageIndex, std::vector<AnnotationIndex>>> shown_by(const ReportedFinding& finding) const;
  /// What a finding about a suspect rests on; null where it is about none.
  const Suspect* suspect_of(const Finding& finding) const;

  const Source& source_;
  const Dataset& d_;
  const Pool& pool_;
  const Progress& progress_;
  Dataset::ImageAnnotations annotations_;
  std::map<std::string_view, ImageIndex> by_path_, by_label_file_;
  std::map<std::tuple<std::string_view, ImageIndex, AnnotationIndex>, std::vector<const Suspect*>> suspects_;
};

}  // namespace vetset
