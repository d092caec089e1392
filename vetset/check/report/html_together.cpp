// Images that belong together, leaks side by side, and what repairs would change, in the HTML report.
#include <algorithm>

#include "vetset/base/shell.h"
#include "vetset/check/report/html_parts.h"
#include "vetset/check/words.h"

namespace vetset {
namespace {

std::string side_html(const std::vector<ReportPicture>& pictures, std::string_view splits, std::size_t more) {
  std::string out = "<div class=\"side\"><h4>" + (splits.empty() ? "in no split" : "in " + data_html(splits, 80)) +
                    "</h4><div class=\"row\">";
  for (const ReportPicture& picture : pictures) out += picture_html(picture);
  out += "</div>";
  if (more > 0) out += "<p class=\"soft\">and " + counted(more, "image", "images") + " more</p>";
  return out + "</div>";
}

std::string cluster_html(const ReportCluster& cluster, std::size_t number) {
  const std::string id = "cluster-" + std::to_string(number);
  std::string out = "<article class=\"panel cluster\" aria-labelledby=\"" + id + "\"><h3 id=\"" + id + "\">" +
                    counted(cluster.images, "image", "images") + ": " + data_html(cluster.title);
  if (!cluster.right.empty())
    out += "<span class=\"pill error\">across " + data_html(cluster.left_splits, 60) + " and " +
           data_html(cluster.right_splits, 60) + "</span>";
  out += "</h3>";
  out += std::string("<div class=\"sides") + (cluster.right.empty() ? " one" : "") + "\">" +
         side_html(cluster.left, cluster.left_splits, cluster.more_left);
  if (!cluster.right.empty()) out += side_html(cluster.right, cluster.right_splits, cluster.more_right);
  out += "</div><details class=\"print\"><summary>" +
         counted(cluster.evidence.size() + cluster.more_evidence, "link", "links") + "</summary><ul class=\"why\">";
  for (const std::string& line : cluster.evidence) out += "<li>" + data_html(line, 400) + "</li>";
  if (cluster.more_evidence > 0) out += "<li>and " + grouped(cluster.more_evidence) + " more</li>";
  return out + "</ul></details></article>\n";
}

std::string edit_html(const ReportEdit& edit) {
  std::string out = "<div class=\"edit\"><span class=\"where\">" + data_html(edit.where, 200) + "</span><span>" +
                    message_html(edit.what, 300) + "</span>";
  if (!edit.before.empty() || !edit.after.empty())
    out += "<div class=\"change\"><span>before</span><del><code>" + data_html(edit.before) +
           "</code></del><span>after</span><ins><code>" +
           (edit.after.empty() ? std::string("dropped") : data_html(edit.after)) + "</code></ins></div>";
  if (!edit.pictures.empty()) {
    out += "<div class=\"pictures\">";
    for (const ReportPicture& picture : edit.pictures) out += picture_html(picture);
    out += "</div>";
  }
  return out + "</div>\n";
}

}  // namespace

std::string together_section(const HtmlDocument& doc) {
  if (doc.clusters.empty()) return {};
  std::string out = "<p class=\"soft\">" + counted(doc.leaks, "leak", "leaks") + " between splits, " +
                    counted(doc.others, "cluster", "clusters") +
                    " inside one split. Each is shown once, as a whole; of a leak the training side stands left.</p>\n";
  for (std::size_t k = 0; k < doc.clusters.size(); ++k) out += cluster_html(doc.clusters[k], k + 1);
  if (const std::size_t all = doc.leaks + doc.others; all > doc.clusters.size()) {
    const std::string source = shell_word(doc.command.empty() ? doc.report.source : doc.command);
    out += "<p class=\"soft\">and " + counted(all - doc.clusters.size(), "cluster", "clusters") +
           " more; all of them as pictures:</p>" + command_html("vetset check " + source + " --sheet sheet.html");
  }
  return out;
}

std::string repairs_section(const HtmlDocument& doc) {
  if (doc.repairs.empty()) return {};
  const std::string beside = doc.command.empty() ? doc.report.source : doc.command;
  std::string out =
      "<p class=\"soft\">What <code>vetset fix</code> would change. It writes a new dataset and a list of every edit, "
      "and "
      "proves that nothing else changed; the list takes the edits back.</p>\n";
  for (const bool safe : {true, false}) {
    bool any = false;
    std::string panels;
    for (const ReportRepair& repair : doc.repairs) {
      if (repair.safe != safe) continue;
      any = true;
      panels +=
          "<div class=\"panel\"><h3>" + data_html(repair.title) + "</h3><p class=\"meta\"><span>" +
          data_html(repair.code) + " " + data_html(repair.name) + "</span><span>" +
          counted(repair.count, "edit", "edits") + "</span>" +
          (safe ? "" : "<span class=\"pill warning\">only on request: drops something or follows a guess</span>") +
          "</p>";
      for (const ReportEdit& edit : repair.examples) panels += edit_html(edit);
      panels += "</div>\n";
    }
    if (!any) continue;
    out += panels +
           command_html("vetset fix " + shell_word(beside) + " -o " + shell_word(beside + "-fixed") +
                        (safe ? "" : " --unsafe")) +
           "<p class=\"soft\">&nbsp;</p>\n";
  }
  return out;
}

}  // namespace vetset
