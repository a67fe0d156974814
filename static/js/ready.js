// htmx binds the page in a task after it is read, and a key may come before that task: a link that
// opens a form in the dialog would leave the page, a question would never be asked. So the page is
// bound here, before any key is listened to. What is bound already is left alone.
window.htmx?.process(document.body);
