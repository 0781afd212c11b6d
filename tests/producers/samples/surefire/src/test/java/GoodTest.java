import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GoodTest {
    @Test
    void namesTheDay() {
        assertEquals("Tuesday", "Tuesday");
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "de"})
    void refuses(String language) {
        assertEquals(2, language.length());
    }
}
