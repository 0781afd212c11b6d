// names and keyboard access that the theme's templates leave out
document.querySelector(".md-search[role=dialog]")?.setAttribute("aria-label", "Search");
for (const [id, label] of [["__search", "Search"], ["__drawer", "Navigation"]]) {
  document.getElementById(id)?.setAttribute("aria-label", label);
}
// the theme wraps tables while the page loads
window.addEventListener("load", () => {
  for (const table of document.querySelectorAll(".md-typeset table:not([class])")) {
    (table.closest(".md-typeset__scrollwrap") ?? table.parentElement).tabIndex = 0;
  }
});
