/** What the keys of every screen do. */
export const shortcuts = {
  title: 'Keyboard',
  list: [
    ['?', 'Show this'],
    ['g o', 'Go to the overview'],
    ['g r', 'Go to the runs'],
    ['g b', 'Go to the bulk jobs'],
    ['g w', 'Go to the workflows'],
    ['g c', 'Go to connecting a host'],
    ['g n', 'Go to the organization'],
    ['g s', 'Go to the system'],
    ['j / k', 'Next or previous row; then ↓ and ↑ do, too'],
    ['Enter', 'Open the row, or go on to its buttons'],
    ['x', 'Select the run, or not'],
    ['1 … 7', 'To that part of a run or of the organization'],
    ['Esc', 'Close a dialog or what is open beside a list, or go back to the list'],
  ],
} as const;
