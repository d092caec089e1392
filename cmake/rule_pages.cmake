# Writes OUT, a C++ file that holds the pages of PAGES (docs/rules): there is one copy of what a rule is, and
# `vetset explain` shows it.
file(GLOB pages "${PAGES}/*.md")
list(SORT pages)
set(text "// Made from docs/rules by cmake/rule_pages.cmake.\n#include \"vetset/check/rule_page.h\"\n\nnamespace vetset {\n\nstd::span<const RulePage> rule_pages() {\n  static constexpr RulePage pages[] = {\n")
foreach(page ${pages})
  get_filename_component(code ${page} NAME_WE)
  file(READ ${page} content)
  string(APPEND text "      {\"${code}\", R\"__page__(${content})__page__\"},\n")
endforeach()
string(APPEND text "  };\n  return pages;\n}\n\n}  // namespace vetset\n")
file(WRITE "${OUT}" "${text}")
