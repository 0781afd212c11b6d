test.todo("escalates an angry customer");
